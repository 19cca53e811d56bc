"""Validation: the model on data of its own, at certain steps, and what follows from it."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from luxnb.train.data import on_device
from luxnb.train.evaluate import evaluation, evaluation_names
from luxnb.train.state import TrainState


@dataclasses.dataclass(frozen=True, eq=False)
class Validation:
    """Loss and metrics on `data` in test mode, every `steps` steps or `epochs` epochs.

    It runs in a program of its own and changes no bit of the training. The TrainState with the best
    `monitor` is kept as `run.best`; with `patience`, the run stops after so many validations in a
    row that were no better.

    >>> x = jnp.ones((8, 1))
    >>> Validation((x, x), steps=100, patience=5).monitor
    'loss'
    """

    data: Any
    _: dataclasses.KW_ONLY
    steps: int | None = None
    epochs: int | None = None
    patience: int | None = None
    monitor: str = "loss"
    maximize: bool = False
    batch_size: int = 1024

    def __post_init__(self):
        object.__setattr__(self, "data", on_device(self.data))

    def every(self, steps_per_epoch: int | None) -> int:
        """After how many steps it comes again."""
        if self.steps is not None:
            return self.steps
        if steps_per_epoch is None:
            raise ValueError("nobody knows how long an epoch of this stream is: say steps=…")
        return (self.epochs or 1) * steps_per_epoch


class Validator:
    """A Validation at work: starts evaluations, and judges their results."""

    def __init__(
        self, validation: Validation, objective: Callable, start: Any, per_epoch: int | None
    ):
        """`start` is a TrainState of shapes; what is wrong in the data comes to light here."""
        self.validation = validation
        self.every = validation.every(per_epoch)
        self._objective = objective
        self.names = evaluation_names(objective, start, validation.data, validation.batch_size)

    def start(self, ts: TrainState):
        """The row of metrics of `ts`, still on the device."""
        return evaluation(self._objective, ts, self.validation.data, self.validation.batch_size)

    def next_due(self, step: int) -> int:
        """The first step after `step` at which to validate."""
        return (step // self.every + 1) * self.every

    def monitored(self, row: np.ndarray) -> float:
        """The value that is to become small; NaN never is."""
        value = float(row[self.names.index(self.validation.monitor)])
        value = -value if self.validation.maximize else value
        return math.inf if math.isnan(value) else value


@dataclasses.dataclass(frozen=True)
class Best:
    """The best validation of a run: its step, its monitored value, and the TrainState."""

    step: int
    value: float
    ts: TrainState
