"""Task: what is trained, on what, how, from which seed; the part of a run that never changes."""

import dataclasses
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.train.objective import Objective
from luxnb.train.program import Plan
from luxnb.train.state import TrainState


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """One task always trains to the same bits, on one kind of device and one version of JAX."""

    model: Layer
    data: Any
    objective: Objective
    optimizer: Any
    batch_size: int
    seed: int
    params: Tree | None
    state: Tree | None

    def start(self) -> TrainState:
        """The TrainState before the first step."""
        return TrainState.create(
            self.model, self.optimizer, self.seed, params=self.params, state=self.state
        )

    @property
    def plan(self) -> Plan:
        """What its program depends on: shapes, not values."""
        return Plan.of(
            self.objective,
            self.optimizer,
            self.batch_size,
            jax.eval_shape(self.start),
            self.data,
        )
