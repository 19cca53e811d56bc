"""Snapshots: TrainStates of the past, on the host, from which any step can be computed again."""

import threading
import time
from typing import Any

import jax
import numpy as np

from luxnb.core.spec import is_key
from luxnb.train.state import TrainState

MOST, MOST_BYTES = 16, 256 * 2**20
SECONDS = 1.0  # between two, so that they cost nothing


class Snapshots:
    """A few of the past, evenly spread; when there are too many, every other one goes.

    Offered by the thread that trains, asked for by any. A TrainState that alone is larger than
    `MOST_BYTES` is not kept: then the past is computed from the start.
    """

    def __init__(self):
        self._kept: dict[int, TrainState] = {}  # NumPy arrays; random keys as they are
        self._stride, self._at = 1, time.monotonic()
        self._lock = threading.Lock()

    def offer(self, step: int, ts: TrainState) -> None:
        """Keep this TrainState, whose arrays are computed, if it is far enough from the last."""
        now, last = time.monotonic(), max(self._kept, default=0)
        if now - self._at < SECONDS or step - last < self._stride:
            return
        self._at = now
        most = min(MOST, MOST_BYTES // max(_bytes(ts), 1))
        if not most:
            return
        with self._lock:
            self._kept[step] = jax.tree.map(_on_host, ts)
            while len(self._kept) > most:
                self._thin()

    def nearest(self, step: int) -> tuple[int, TrainState] | None:
        """The last one at or before `step`, with its step."""
        with self._lock:
            found = max((kept for kept in self._kept if kept <= step), default=None)
            return None if found is None else (found, self._kept[found])

    def _thin(self) -> None:
        steps = sorted(self._kept)
        for step in steps[::2]:
            del self._kept[step]
        kept = sorted(self._kept)
        gaps = [after - before for before, after in zip([0, *kept], kept, strict=False)]
        self._stride = max([self._stride, *gaps])


def _on_host(leaf: Any) -> Any:
    return leaf if is_key(leaf) else np.asarray(leaf)


def _bytes(ts: TrainState) -> int:
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(ts))
