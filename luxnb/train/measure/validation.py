"""Validation: the model on data of its own, at certain steps, and what follows from it."""

import dataclasses
import math
from typing import Any

import jax
import numpy as np

from luxnb.core.spec import short
from luxnb.core.tree import nearest
from luxnb.train.feed.choose import is_stream, stays_on_host
from luxnb.train.feed.data import on_device
from luxnb.train.feed.ordered import BATCH_SIZE, Ordered
from luxnb.train.measure.evaluate import Evaluation
from luxnb.train.state import TrainState
from luxnb.train.step.objective import Objective


@dataclasses.dataclass(frozen=True, eq=False)
class Validation:
    """Loss and metrics on `data` in test mode, every `steps` steps or `epochs` epochs (1).

    They are means over all rows, as `evaluate` has them, in a program of its own that changes no
    bit of the training; `run.validation` has their history. `data` are arrays with one row a
    sample, or batches that can be gone through again and again, and come to an end.

    The TrainState with the smallest `monitor` (with `maximize`, the largest) is kept as `run.best`.
    With `patience`, the run stops after so many validations in a row that were no better, and
    `run.fit` goes on with patience anew.

    >>> x = jnp.ones((8, 1))
    >>> Validation((x, x), steps=100, patience=5)
    Validation((f32[8,1], f32[8,1]), steps=100, patience=5)
    """

    data: Any
    _: dataclasses.KW_ONLY
    steps: int | None = None
    epochs: int | None = None
    patience: int | None = None
    monitor: str = "loss"
    maximize: bool = False
    batch_size: int = BATCH_SIZE

    def __post_init__(self):
        for name in ("steps", "epochs", "patience", "batch_size"):
            value = getattr(self, name)
            if value is None and name != "batch_size":
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"Validation.{name} must be a positive integer, got {value!r}")
        if self.steps is not None and self.epochs is not None:
            raise ValueError("Validation: give steps or epochs, not both")
        if not isinstance(self.monitor, str):
            raise TypeError(
                f"Validation.monitor must be the name of a metric, got {short(self.monitor)}"
            )
        if not isinstance(self.maximize, bool):
            raise TypeError(f"Validation.maximize must be True or False, got {self.maximize!r}")
        object.__setattr__(self, "data", _ordered(self.data, self.batch_size))

    @classmethod
    def of(cls, value: Any) -> "Validation | None":
        """What `fit` was given: data, for every epoch; a Validation; or None."""
        return value if value is None or isinstance(value, Validation) else cls(value)

    def every(self, steps_per_epoch: int | None) -> int:
        """After how many steps it comes again."""
        if self.steps is not None:
            return self.steps
        if steps_per_epoch is None:
            raise ValueError(
                "nobody knows how long an epoch of this stream is: say after how many steps to "
                "validate, validation=lx.Validation(data, steps=500)"
            )
        return (self.epochs or 1) * steps_per_epoch

    def __repr__(self):
        fields = [f for f in dataclasses.fields(self)[1:] if getattr(self, f.name) != f.default]
        words = [f"{field.name}={getattr(self, field.name)!r}" for field in fields]
        return f"Validation({', '.join([repr(self.data), *words])})"


def _ordered(data: Any, batch_size: int) -> Ordered:
    """On the device, unless it is too much for it: it will be gone through many times."""
    if isinstance(data, Ordered):
        return data
    try:
        if is_stream(data) or stays_on_host(data):
            ordered = Ordered.of(data, batch_size).checked()
        else:
            ordered = Ordered.of(on_device(data), batch_size)
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"validation: {error}") from None
    if not ordered.repeatable:
        raise ValueError(
            "validation: the data are an iterator, which can be gone through only once: give a "
            "function that makes it, as lambda: iter(loader), or a list of its batches"
        )
    return ordered


class Validator:
    """A Validation at work on a training."""

    def __init__(
        self, validation: Validation, objective: Objective, start: TrainState, per_epoch: int | None
    ):
        """`start` is a TrainState of shapes; what is wrong in the data comes to light here."""
        self.validation = validation
        self.every = validation.every(per_epoch)
        given = start.model, start.params, start.state, validation.data
        try:
            self._evaluation = Evaluation(objective, *given)
        except Exception as error:
            error.add_note(f"in the validation, whose data are {validation.data!r}")
            raise
        self.names = self._evaluation.names
        if validation.monitor not in self.names:
            raise ValueError(
                f"Validation.monitor: no metric {validation.monitor!r}"
                f"{nearest(validation.monitor, self.names)}"
            )

    def start(self, ts: TrainState) -> jax.Array:
        """The row of metrics of `ts`, still on the device."""
        return self._evaluation.start(ts.params, ts.state)

    def next_due(self, step: int) -> int:
        """The first step after `step` at which to validate."""
        return (step // self.every + 1) * self.every


@dataclasses.dataclass(frozen=True, eq=False)
class Best:
    """The best validation of a run: its step, the monitored value there, and the TrainState."""

    step: int
    value: float
    ts: TrainState = dataclasses.field(repr=False)


class Judge:
    """Which validation is the best, and whether patience has run out.

    It knows only what was measured: whoever hears of the same validations, at once or with a night
    in between, comes to the same end.
    """

    def __init__(self, validation: Validation, names: tuple[str, ...]):
        self._validation, self._column = validation, names.index(validation.monitor)
        self.best: float | None = None
        self._waiting = 0  # validations in a row that were no better

    def hear(self, row: np.ndarray) -> bool:
        """Whether these metrics are the best so far. What is not finite never is."""
        value, sign = self.value(row), -1 if self._validation.maximize else 1
        better = math.isfinite(value) and (self.best is None or sign * value < sign * self.best)
        if better:
            self.best = value
        self._waiting = 0 if better else self._waiting + 1
        return better

    def value(self, row: np.ndarray) -> float:
        """What is monitored."""
        return float(row[self._column])

    def loses_patience(self) -> bool:
        """Whether it is time to stop. Whoever goes on nevertheless has patience anew."""
        patience = self._validation.patience
        if patience is None or self._waiting < patience:
            return False
        self._waiting = 0
        return True

    def reason(self, best: Best | None) -> str:
        """Why the run is stopped, in a sentence."""
        what, patience = self._validation.monitor, self._validation.patience or 0
        times = f"{patience} validation{'s' * (patience != 1)}"
        if best is None:
            return f"in {times} the {what} was never a finite number"
        return (
            f"the {what} of {times} was no better than {best.value:.4g} at step {best.step:,}; "
            "run.best.ts is the TrainState of that step"
        )
