"""Epochs: a training as a table with one row an epoch, made from its histories."""

from dataclasses import dataclass

import numpy as np

from luxnb.core.view import Viewable
from luxnb.train.measure.history import History

MOST = 40  # lines of a picture; of more epochs the first and the last are shown


@dataclass(frozen=True, eq=False)
class Epochs(Viewable):
    """The whole epochs of a training: `step` at the end of each, and `columns` by name.

    Of each metric of the training it is the mean over the epoch's steps, without those where it is
    NaN; of the validation, as `validation_loss`, what was measured at the epoch's end, or NaN.
    """

    epoch: np.ndarray
    step: np.ndarray
    columns: dict[str, np.ndarray]

    @classmethod
    def of(cls, history: History, validation: History, per_epoch: int | None) -> "Epochs":
        """Those of which all steps are in the history; `per_epoch` steps are one."""
        if per_epoch is None:
            raise ValueError(
                "nobody knows how long an epoch of this stream is; run.history has every step"
            )
        rows, first = history.since(0), -(-history.first // per_epoch)
        last = max((history.first + len(rows)) // per_epoch, first)
        epoch = np.arange(first + 1, last + 1)
        begin = first * per_epoch - history.first
        whole = rows[begin : begin + len(epoch) * per_epoch].astype(np.float64)
        means = _means(whole.reshape(len(epoch), per_epoch, len(history.names)))
        columns = dict(zip(history.names, means.T, strict=True))
        measured = dict(zip(validation.steps.tolist(), validation.since(0), strict=True))
        nothing = np.full(len(validation.names), np.nan)
        ends = [measured.get(step, nothing) for step in (epoch * per_epoch).tolist()]
        ends = np.asarray(ends, np.float64).reshape(len(epoch), len(validation.names))
        columns |= {f"validation_{n}": ends[:, i] for i, n in enumerate(validation.names)}
        return cls(epoch, epoch * per_epoch, columns)

    def __len__(self):
        return len(self.epoch)

    def __getitem__(self, name: str) -> np.ndarray:
        there = {"epoch": self.epoch, "step": self.step, **self.columns}
        if name not in there:
            raise KeyError(f"no column {name!r}; there is {', '.join(map(repr, there))}")
        return there[name]

    def to_rows(self) -> list[dict[str, float]]:
        """A dict for each epoch, of which `pandas.DataFrame` makes a table."""
        names = ["epoch", "step", *self.columns]
        columns = [self[name].tolist() for name in names]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    @property
    def table(self) -> list[tuple[str, ...]]:
        """The words of a picture of it, under a heading; a row of dots for epochs left out."""
        rows: list[tuple[str, ...]] = [
            (f"{row['epoch']:,}", f"{row['step']:,}", *(f"{row[n]:.4g}" for n in self.columns))
            for row in self.to_rows()
        ]
        heading = ("epoch", "step", *(name.replace("_", " ") for name in self.columns))
        if len(rows) > MOST:
            rows[5 : 6 - MOST] = [("…",) * len(heading)]
        return [heading, *rows]

    def __repr__(self):
        table = self.table
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join(word.rjust(width) for word, width in zip(row, widths, strict=True))
            for row in table
        )


def _means(values: np.ndarray) -> np.ndarray:
    """(epochs, steps, metrics) as means over the steps, without NaN; NaN where there is nothing."""
    there = ~np.isnan(values)
    counted = there.sum(1)
    with np.errstate(invalid="ignore"):  # ∞ - ∞
        total = np.where(there, values, 0).sum(1)
    return np.where(counted > 0, total / np.maximum(counted, 1), np.nan)
