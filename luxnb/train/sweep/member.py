"""Member: one training of a sweep, as a value."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from luxnb.core.tree import Tree
from luxnb.train.measure.history import History
from luxnb.train.state import TrainState


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Member:
    """What one member of a sweep has become: `sweep[3]`.

    `values` is what differs in it, as {"seed": 3}; `history` ends where it stood still, if its loss
    was not finite.
    """

    number: int
    name: str
    values: Mapping[str, Any]
    ts: TrainState
    history: History

    @property
    def params(self) -> Tree:
        return self.ts.params

    @property
    def state(self) -> Tree:
        return self.ts.state

    @property
    def step(self) -> int:
        """How many steps it took."""
        return int(self.ts.step)

    def __repr__(self):
        last = self.history.since(max(0, len(self.history) - 1))
        words = [f"{n}={v:.4g}" for row in last for n, v in zip(self.history, row, strict=True)]
        return f"<Member {self.number}: {', '.join([self.name, f'step {self.step:,}', *words])}>"
