"""The engine: keeps the device busy, two chunks of steps ahead, and hands out what is finished."""

import time
from collections import deque
from typing import Any

import numpy as np

from luxnb.train.program import Program
from luxnb.train.state import TrainState

FRAME = 0.05  # seconds a chunk lasts, about: what a pause waits for, and less than an eye sees


class Engine:
    """A TrainState on the device and the program that moves it on.

    How many steps a chunk has follows the clock; the bits do not, see `program`. The TrainState
    before each chunk under way is kept, so that a loss that is not finite costs one chunk at most.
    """

    def __init__(self, program: Program, ts: TrainState, key: Any, data: Any):
        program.compile()
        self._program, self._key, self._data = program, key, data
        self.ts = ts  # after all that was started; never overwritten, so anybody may keep it
        self.step = int(ts.step)
        self._flying: deque[tuple[TrainState, int, Any]] = deque()  # before, steps, metrics
        self._chunk, self._landed_at = 1, 0.0

    @property
    def idle(self) -> bool:
        return not self._flying

    @property
    def full(self) -> bool:
        """Whether enough is under way for the device never to wait."""
        return len(self._flying) >= 2

    def start(self, limit: int) -> None:
        """Start a chunk of at most `limit` steps."""
        if self.idle:
            self._landed_at = time.perf_counter()
        n, before = min(limit, self._chunk), self.ts
        self.ts, rows = self._program.run(before, self.step, n, self._key, self._data)
        self._flying.append((before, n, rows))
        self.step += n

    def land(self) -> tuple[np.ndarray, bool, float]:
        """Wait for the oldest chunk: its metrics, whether every loss was finite, its seconds.

        If one was not, it is the last row, and the engine stands before that step.
        """
        before, n, rows = self._flying[0]
        rows = np.asarray(rows)[:n]
        self._flying.popleft()
        now = time.perf_counter()
        seconds, self._landed_at = now - self._landed_at, now
        finite = np.isfinite(rows[:, 0])
        if not finite.all():
            failed = int(np.argmin(finite))
            self._return_to(before, failed)
            return rows[: failed + 1], False, seconds
        per_step = max(seconds, 1e-6) / n
        wanted = min(int(FRAME / per_step), 4 * self._chunk, self._program.capacity)
        self._chunk = max(1, wanted)
        return rows, True, seconds

    def retreat(self) -> None:
        """Drop what is under way: stand where the last chunk that landed ended."""
        if self._flying:
            self._return_to(self._flying[0][0], 0)

    def _return_to(self, before: TrainState, n: int) -> None:
        """Drop what is under way, and take n steps from there."""
        self._flying.clear()
        self.ts, self.step = before, int(before.step)
        if n:
            self.ts, _ = self._program.run(before, self.step, n, self._key, self._data)
            self.step += n
