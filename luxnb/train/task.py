"""Task: what is trained, on what, how, from which seed; the part of a run that never changes."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.train.feed.feed import Feed
from luxnb.train.measure.validation import Validation
from luxnb.train.program.plan import Plan
from luxnb.train.program.program import Program, trace
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.step.objective import Objective
from luxnb.train.step.options import Options


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """One task always trains to the same bits, on one kind of device and one version of JAX.

    `given` are the arguments of `fit` that made it, of which another task can be made.
    """

    model: Layer
    feed: Feed
    objective: Objective
    optimizer: Any
    options: Options
    seed: Any
    begin: Standing | None  # where it starts, when that is not model.init(seed)
    validation: Validation | None
    checkpoints: Any
    given: Mapping[str, Any]

    def start(self) -> TrainState:
        """The TrainState before the first step."""
        if self.begin is not None:
            return self.begin.ts
        return TrainState.create(self.model, self.optimizer, self.seed, **self.options.keywords)

    @property
    def first(self) -> int:
        """How many steps were taken before it starts."""
        return 0 if self.begin is None else int(self.begin.ts.step)

    @property
    def plan(self) -> Plan:
        """What its program depends on: shapes, not values."""
        shapes = jax.eval_shape(self.start)
        return Plan.of(self.objective, self.optimizer, self.options, self.feed, shapes)

    @property
    def program(self) -> Program:
        """What takes its steps; equal plans share it."""
        return trace(self.plan)

    def not_finite(self, step: int, loss: float) -> str:
        """Why it cannot go on after a loss that is not finite, in the step after `step`."""
        per_epoch = self.feed.steps_per_epoch
        epoch = f" (epoch {step // per_epoch + 1})" if per_epoch else ""
        return (
            f"the loss became {loss} at step {step + 1:,}{epoch}; "
            "parameters and state are those before that step, in which "
            "lx.locate_nonfinite(run.model, x, run.params, run.state) finds the place"
        )
