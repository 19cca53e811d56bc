"""The history of a sweep: each metric of each member at every step, and their averages."""

import numpy as np

from luxnb.train.measure.history import History


class MemberHistory:
    """Metrics by name: `history["loss"]` is (members, steps); NaN from where a member stands still.

    `rows` grows while it trains: how many members live, then each metric of all of them.
    """

    def __init__(self, rows: History, names: tuple[str, ...], members: int):
        self.names, self._rows, self._members = names, rows, members

    @property
    def steps(self) -> np.ndarray:
        """How many steps were taken when each column was measured."""
        return self._rows.steps

    def since(self, step: int) -> np.ndarray:
        """A copy from that column on; (steps, metrics, members)."""
        rows = self._rows.since(step)[:, 1:]
        return rows.reshape(len(rows), len(self.names), self._members)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.names:
            raise KeyError(f"no metric {name!r}; there is {', '.join(map(repr, self.names))}")
        return self.since(0)[:, self.names.index(name)].T

    def __iter__(self):
        return iter(self.names)

    def keys(self):
        return self.names

    def items(self):
        values = self.since(0)
        return [(name, values[:, i].T) for i, name in enumerate(self.names)]

    def mean(self, name: str) -> np.ndarray:
        """The mean over the members that live, at every step."""
        return average(self[name], 0)

    def std(self, name: str) -> np.ndarray:
        """The standard deviation over the members that live, √(Σ (x - mean)² / n)."""
        values = self[name].astype(np.float64)
        return np.sqrt(average((values - average(values, 0)) ** 2, 0)).astype(np.float32)

    def recent(self, name: str, steps: int) -> np.ndarray:
        """Each member's mean over the last `steps`, (members,); NaN if it stands still."""
        place = self.names.index(name)
        values = self.since(max(0, len(self) - steps))
        stands = np.isnan(values[-1:, 0]).all(0)
        return np.where(stands, np.float32("nan"), average(values[:, place], 0))

    def __repr__(self):
        return f"<History of {self._members} members over {len(self)} steps: {', '.join(self)}>"


class Averages:
    """A MemberHistory as that of one run: each metric's mean over the members that live."""

    def __init__(self, history: MemberHistory):
        self._history, self.names = history, history.names

    def since(self, row: int) -> np.ndarray:
        """The rows from `row` on; (steps, metrics)."""
        return average(self._history.since(row), 2)

    def __len__(self) -> int:
        return len(self._history)


def average(values: np.ndarray, axis: int) -> np.ndarray:
    """The mean of what is not NaN; NaN where all is."""
    there = ~np.isnan(values)
    total = np.where(there, values, 0).sum(axis, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return (total / there.sum(axis)).astype(values.dtype)
