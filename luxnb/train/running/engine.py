"""The engine: keeps the device busy, two chunks of steps ahead, and hands out what is finished."""

import dataclasses
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from luxnb.train.feed.feed import Portion, Supply
from luxnb.train.program.program import Program
from luxnb.train.state import TrainState
from luxnb.train.step.hyperparameters import with_hyperparameters

FRAME = 0.05  # seconds a chunk lasts, about: what a pause waits for, and less than an eye sees


@dataclasses.dataclass
class _Chunk:
    """Steps under way."""

    before: TrainState
    step: int
    n: int
    portion: Portion
    after: TrainState
    rows: Any
    validation: Any = None


@dataclasses.dataclass(frozen=True)
class Landed:
    """Finished steps: their metrics, and where they end.

    If a loss was not finite, `finite` is false, that step is the last row of `rows`, and `step` and
    `ts` are those before it. `validation` is a row of its metrics, when it was due at the end.
    """

    rows: np.ndarray
    finite: bool
    seconds: float
    step: int
    ts: TrainState
    validation: np.ndarray | None = None


class Engine:
    """A TrainState on the device and the program that moves it on.

    How many steps a chunk has follows the clock; the bits do not, see `program`. The TrainState
    before each chunk under way is kept, so that a loss that is not finite costs one chunk at most.
    """

    def __init__(self, program: Program, ts: TrainState, key: Any, supply: Supply):
        self._program, self._key, self._supply = program, key, supply
        self.ts = ts  # after all that was started; never overwritten, so anybody may keep it
        self.step = int(ts.step)
        self._flying: deque[_Chunk] = deque()
        self._length, self._landed_at = 1, 0.0
        self._starving = False  # the data had nothing yet, when they were asked last

    @property
    def idle(self) -> bool:
        return not self._flying

    @property
    def full(self) -> bool:
        """Whether enough is under way for the device never to wait, or there are no data yet."""
        return len(self._flying) >= (1 if self._starving else 2)

    def start(self, limit: int, validate: Callable[[TrainState], Any] | None = None) -> bool:
        """Start a chunk of at most `limit` steps; False when the data have come to their end.

        `validate` is called when the chunk is as long as the limit; it starts what it has to do.
        """
        if self.idle and not self._starving:
            self._landed_at = time.perf_counter()
        portion = self._supply.take(self.step, min(limit, self._length))
        if portion is None:
            return False
        self._starving = not portion.n
        if self._starving:
            return True
        n, before = portion.n, self.ts
        after, rows = self._program.run(before, self.step, n, self._key, portion)
        chunk = _Chunk(before, self.step, n, portion, after, rows)
        if validate is not None and n == limit:
            chunk.validation = validate(after)
        self._flying.append(chunk)
        self.ts, self.step = after, self.step + n
        return True

    def set(self, values: Mapping[str, Any]) -> None:
        """Exchange hyper-parameters of the optimiser, for all steps that are not started yet."""
        self.ts = apply(values, self.ts)

    def land(self) -> Landed:
        """Wait for the oldest chunk. After a loss that is not finite, nothing else is under way."""
        chunk = self._flying[0]
        rows = np.asarray(chunk.rows)[: chunk.n]
        finite = np.isfinite(rows[:, 0])
        validation = None
        if chunk.validation is not None and finite.all():
            validation = np.asarray(chunk.validation)
        self._flying.popleft()
        now = time.perf_counter()
        seconds, self._landed_at = now - self._landed_at, now
        if not finite.all():
            failed = int(np.argmin(finite))
            self._return_to(chunk, failed)
            return Landed(rows[: failed + 1], False, seconds, self.step, self.ts)
        if chunk.validation is None:
            per_step = max(seconds, 1e-6) / chunk.n
            wanted = min(int(FRAME / per_step), 4 * self._length, self._program.capacity)
            self._length = max(1, wanted)
        end = chunk.step + chunk.n
        self._supply.release(end)
        return Landed(rows, True, seconds, end, chunk.after, validation)

    def retreat(self) -> None:
        """Drop what is under way: stand where the last chunk that landed ended."""
        if self._flying:
            self._return_to(self._flying[0], 0)

    def position(self, step: int) -> Any:
        """What the data need to go on at `step`."""
        return self._supply.position(step)

    def _return_to(self, chunk: _Chunk, n: int) -> None:
        """Drop what is under way, and take n steps of the chunk again."""
        self._flying.clear()
        self.ts, self.step = chunk.before, chunk.step
        if n:
            self.ts, _ = self._program.run(self.ts, self.step, n, self._key, chunk.portion)
            self.step += n


def apply(values: Mapping[str, Any], ts: TrainState) -> TrainState:
    """The TrainState with these hyper-parameters of its optimiser."""
    state = with_hyperparameters(ts.optimizer_state, values)
    return dataclasses.replace(ts, optimizer_state=state)
