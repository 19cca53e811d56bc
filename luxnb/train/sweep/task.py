"""SweepTask: what a sweep trains; the task of a run, and in what its members differ from it."""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.keys import as_key
from luxnb.train.feed.data import data_key
from luxnb.train.program.plan import Shapes
from luxnb.train.running.standing import Standing
from luxnb.train.step.hyperparameters import with_hyperparameters
from luxnb.train.sweep.members import Members
from luxnb.train.sweep.program import MembersProgram, trace_members
from luxnb.train.task import Task


@dataclasses.dataclass(frozen=True, eq=False)
class SweepTask(Task):
    """A Task whose TrainState holds all members."""

    alone: Task  # of the run, as each member has it but for what differs
    members: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, alone: Task, members: tuple[dict[str, Any], ...]) -> "SweepTask":
        fields = {field.name: getattr(alone, field.name) for field in dataclasses.fields(Task)}
        fields |= {"begin": None, "validation": None, "checkpoints": None}
        task = cls(**fields, alone=alone, members=members)
        begin = alone.begin
        if begin is None:
            return task
        there = dataclasses.replace(Standing.of(task.start()), position=begin.position)
        return dataclasses.replace(task, begin=there)

    def seed_of(self, member: dict[str, Any]) -> Any:
        """The member's own seed, or that of the run."""
        return member.get("seed", self.seed)

    def start(self) -> Members:
        """All members before their first step, made together."""
        if self.begin is not None:
            return self.begin.ts  # type: ignore[return-value]
        seeds = [self.seed_of(member) for member in self.members]
        names = [name for name in self.members[0] if name != "seed"]
        values = {name: jnp.array([member[name] for member in self.members]) for name in names}
        keys = jnp.stack([as_key(seed) for seed in seeds])
        orders = jnp.stack([data_key(seed) for seed in seeds])
        stacked = self._stacked(keys, values)
        return Members.of(stacked, jnp.min(stacked.step), orders)

    @functools.cached_property
    def _stacked(self):
        def one(key, values):
            ts = dataclasses.replace(self.alone, seed=key).start()
            state = with_hyperparameters(ts.optimizer_state, values)
            return dataclasses.replace(ts, optimizer_state=state)

        return jax.jit(jax.vmap(one))

    @property
    def program(self) -> MembersProgram:  # type: ignore[override]
        return trace_members(self.alone.plan, Shapes.of(jax.eval_shape(self.start)))

    def not_finite(self, step: int, loss: float) -> str:
        return (
            f"the loss of the last member became NaN or infinite at step {step + 1:,}; parameters "
            "and state of each are those before the step in which its own did"
        )
