"""Data on the device: shuffled and gathered inside the compiled loop."""

import dataclasses
import functools
from typing import Any

from luxnb.core.spec import short, specs
from luxnb.train.feed.data import check_batch_size, on_device, rows_of
from luxnb.train.feed.digest import describe_arrays
from luxnb.train.feed.feed import Portion
from luxnb.train.feed.source import Permuted


@dataclasses.dataclass(frozen=True, eq=False)
class Resident:
    """A pytree of arrays with one row a sample."""

    data: Any
    batch_size: int

    rewindable = True

    @classmethod
    def of(cls, data: Any, batch_size: int) -> "Resident":
        """The data, checked and brought to the device."""
        data = on_device(data)
        check_batch_size(batch_size, rows_of(data))
        return cls(data, batch_size)

    @property
    def source(self) -> Permuted:
        return Permuted(rows_of(self.data), self.batch_size)

    @property
    def arrays(self) -> Any:
        return specs(self.data)

    @property
    def steps_per_epoch(self) -> int:
        return self.source.steps_per_epoch

    def open(self, seed, step: int = 0, position: Any = None) -> "Resident":
        return self

    # It is its own supply: every batch is there at any time.

    def take(self, step: int, most: int) -> Portion:
        return Portion(self.data, 0, most)

    def release(self, step: int) -> None:
        pass

    def position(self, step: int) -> None:
        return None

    def close(self) -> None:
        pass

    def describe(self) -> dict:
        rows = rows_of(self.data)
        return {"kind": "rows", "rows": rows, "batch_size": self.batch_size, "arrays": self._arrays}

    def __repr__(self):
        return f"rows of {short(self.data)}, in batches of {self.batch_size}"

    @functools.cached_property
    def _arrays(self) -> dict:
        return describe_arrays(self.data)
