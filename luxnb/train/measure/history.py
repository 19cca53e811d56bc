"""History: the metrics of every step, as columns; grown by one thread, read by any."""

import importlib
import threading
from collections.abc import Iterable
from typing import Any

import numpy as np


class History:
    """Metrics by name, float32: `history["loss"]` is an array, whose row i is of step `steps[i]`.

    Of a training there is a row for each step after `first`: what its batch gave before the update.
    Of a validation there is one for each time, with means over all its rows after the step. What is
    read is a copy, also while a training adds to it.

    >>> history = History(("loss",))
    >>> history.append(np.array([[2.0], [1.0]], np.float32))
    >>> history["loss"]
    array([2., 1.], dtype=float32)
    """

    def __init__(self, names: tuple[str, ...], *, first: int = 0):
        self.names, self.first = names, first
        self._lock = threading.Lock()
        self._rows = np.empty((256, len(names)), np.float32)
        self._length = 0
        self._steps: list[int] = []  # only where they are not consecutive

    def append(self, rows: np.ndarray, steps: Iterable[int] = ()) -> None:
        """Add rows, (rows, metrics), of consecutive steps or of those named."""
        with self._lock:
            self._steps.extend(steps)
            length = self._length + len(rows)
            if length > len(self._rows):  # double: a million steps are copied twenty times
                grown = np.empty((max(length, 2 * len(self._rows)), len(self.names)), np.float32)
                grown[: self._length] = self._rows[: self._length]
                self._rows = grown
            self._rows[self._length : length] = rows
            self._length = length

    @property
    def steps(self) -> np.ndarray:
        """How many steps were taken when each row was measured."""
        with self._lock:
            return self._step_numbers()

    def _step_numbers(self) -> np.ndarray:
        if self._steps:
            return np.array(self._steps)
        return np.arange(self.first + 1, self.first + self._length + 1)

    def since(self, row: int) -> np.ndarray:
        """A copy of the rows from `row` on; (steps, metrics)."""
        with self._lock:
            return self._rows[row : self._length].copy()

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.names:
            raise KeyError(f"no metric {name!r}; there is {', '.join(map(repr, self.names))}")
        return self.since(0)[:, self.names.index(name)]

    def __iter__(self):
        return iter(self.names)

    def keys(self):
        return self.names

    def items(self):
        rows = self.since(0)
        return [(name, rows[:, i]) for i, name in enumerate(self.names)]

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame` with a column for each metric; its index is `steps`.

        >>> history = History(("loss",))
        >>> history.append(np.array([[2.0], [1.0]], np.float32))
        >>> history.to_pandas().index.tolist()
        [1, 2]
        """
        try:
            # It takes a second to import, and is for those who have it.
            pandas = importlib.import_module("pandas")
        except ImportError:
            raise ImportError(
                "history.to_pandas() needs pandas: pip install pandas; without it, "
                'history["loss"] and history.steps are NumPy arrays'
            ) from None
        with self._lock:
            rows, steps = self._rows[: self._length].copy(), self._step_numbers()
        index = pandas.Index(steps, name="step")
        return pandas.DataFrame(rows, index=index, columns=list(self.names))

    def __repr__(self):
        rows = self.since(max(0, len(self) - 1))
        last = "".join(
            f", {n}={v:.4g}" for row in rows for n, v in zip(self.names, row, strict=True)
        )
        return f"<History of {len(self)} steps{last}>"
