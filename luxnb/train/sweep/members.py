"""Members: the TrainStates of all members of a sweep, as one whose arrays have a leading axis."""

import dataclasses
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.types import Array, Key
from luxnb.train.state import TrainState


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["params", "state", "optimizer_state", "step", "extras", "steps", "keys"],
    meta_fields=["model"],
)
@dataclasses.dataclass(frozen=True)
class Members(TrainState):
    """Row i of every array belongs to member i; `step` is the one number that all share.

    - `steps`: how many steps each member took, (members,). A member whose loss was not finite has
      fewer than `step`, and stands still.
    - `keys`: of the order of each member's rows, (members,).
    """

    steps: Array = dataclasses.field(kw_only=True)
    keys: Key = dataclasses.field(kw_only=True)

    @classmethod
    def of(cls, stacked: TrainState, step: Array, keys: Key) -> "Members":
        """All at the same step, of a TrainState whose arrays have the leading axis."""
        return cls(
            **rows_of(stacked), model=stacked.model, step=step, steps=stacked.step, keys=keys
        )

    @property
    def live(self) -> Array:
        """Whether each member goes on, (members,)."""
        return self.steps == self.step

    def member(self, number: int) -> TrainState:
        """The TrainState of one of them."""
        rows, step = _row((rows_of(self), self.steps), number)
        return TrainState(model=self.model, step=step, **rows)


def rows_of(ts: TrainState) -> dict[str, Any]:
    """All that a step changes, apart from the count."""
    return {name: getattr(ts, name) for name in ("params", "state", "optimizer_state", "extras")}


def choose(which: Array, new: Any, old: Any) -> Any:
    """Row i of `new` where `which[i]`, else of `old`, in every array."""

    def chosen(a, b):
        return jnp.where(which.reshape(-1, *(1,) * (a.ndim - 1)), a, b)

    return jax.tree.map(chosen, new, old)


@jax.jit
def _row(rows: Any, number: Any) -> Any:
    return jax.tree.map(lambda array: array[number], rows)
