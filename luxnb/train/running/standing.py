"""Standing: where a run stands, as a value: all that it takes to go on elsewhere to the bit."""

import dataclasses
from typing import Any

import numpy as np

from luxnb.train.measure.validation import Best
from luxnb.train.running.intervention import Intervention
from luxnb.train.state import TrainState


@dataclasses.dataclass(frozen=True)
class Standing:
    """A TrainState, the history up to it, and what was done on the way.

    `rows` is (steps, metrics) from step `first` + 1 on; `validation` the steps and rows of
    validations; `position` what a stream needs to go on, as data for JSON; `run` the name by which
    the run knows its own checkpoints.
    """

    ts: TrainState
    first: int
    names: tuple[str, ...]
    rows: np.ndarray
    validation_names: tuple[str, ...] = ()
    validation_steps: tuple[int, ...] = ()
    validation_rows: np.ndarray | None = None
    interventions: tuple[Intervention, ...] = ()
    best: Best | None = None
    position: Any = None
    target: int = 0
    seconds: float = 0.0
    run: str = ""

    @classmethod
    def of(cls, ts: TrainState) -> "Standing":
        """Where a run stands that begins with this TrainState."""
        step = int(ts.step)
        return cls(ts, step, (), np.empty((0, 0), np.float32), target=step)
