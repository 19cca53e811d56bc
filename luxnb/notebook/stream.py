"""What a page is told of a run's records: buckets of minimum, maximum and mean, in numbered frames.

A long history is cut into equal buckets of `stride` rows, a power of two that doubles when there
would be more than `CAPACITY` of them. New rows fill the last bucket up to the stride, so no old
bucket is ever merged with a new one. Nothing here knows Jupyter.
"""

from collections import deque

import numpy as np

CAPACITY = 2048  # buckets a page holds of each metric, and so the most that a snapshot has
PER_FRAME = 256  # new buckets of each metric in one frame ...
FRAME_BYTES = 7_400  # ... and bytes of all of them, which leaves room for the header below 8 kB
WINDOW = 20  # frames that may be under way without an acknowledgement
PATIENCE = 8.0  # seconds without one, after which there is nobody there

STATUS = ("status", "active", "step", "target", "seconds", "message")
STATUS += ("steps_per_epoch", "steps_per_second")


def buckets(rows: np.ndarray, stride: int) -> np.ndarray:
    """(rows, metrics) as (metrics, 3, buckets): minimum, maximum and mean of the finite values.

    A bucket without a finite value is NaN throughout. The last bucket may be partly filled.
    """
    columns = np.ascontiguousarray(rows.T)
    if stride == 1:
        single = np.where(np.isfinite(columns), columns, np.float32("nan"))
        return np.repeat(single[:, None, :], 3, axis=1)
    whole = columns.shape[1] // stride * stride
    parts = [_reduced(columns[:, :whole].reshape(len(columns), -1, stride))]
    if whole < columns.shape[1]:
        parts.append(_reduced(columns[:, None, whole:]))
    return np.concatenate(parts, axis=-1).astype(np.float32)


def _reduced(blocks: np.ndarray) -> np.ndarray:
    finite = np.isfinite(blocks)
    if finite.all():
        return np.stack([blocks.min(-1), blocks.max(-1), _mean(blocks)], axis=1)
    blocks = np.where(finite, blocks, np.float32("nan"))
    count = finite.sum(-1)
    mean = np.where(finite, blocks, 0).sum(-1, dtype=np.float64) / np.maximum(count, 1)
    mean = np.where(count > 0, mean, np.nan)
    return np.stack(
        [np.fmin.reduce(blocks, axis=-1), np.fmax.reduce(blocks, axis=-1), mean], axis=1
    )


def _mean(blocks: np.ndarray) -> np.ndarray:
    # Sums of finite float32 may overflow, and their rounding may leave [minimum, maximum].
    return blocks.mean(-1, dtype=np.float64)


class Stream:
    """The frames that bring a page from what it knows to what the records hold."""

    def __init__(self):
        self.seq = 0
        self._names: tuple[str, ...] | None = None
        self._stride = 1
        self._told = 0  # rows the page knows
        self._status: tuple = ()

    def caught_up(self, run) -> bool:
        """Whether the last frame told everything there is."""
        return self._told == len(run.records) and self._status == _status(run.latest)

    def frame(self, run, *, snapshot: bool = False) -> tuple[dict, list[bytes]]:
        """The next message, as a header for JSON and binary float32 buffers.

        A snapshot starts from nothing; any other frame goes on from the one before it.
        """
        records, status = run.records, _status(run.latest)
        names = tuple(records.names)
        if snapshot or names != self._names:
            snapshot, self._names, self._stride, self._told = True, names, 1, 0
        rows = len(records)
        while rows > CAPACITY * self._stride:
            self._stride *= 2
        first = self._told // self._stride
        limit = CAPACITY
        if not snapshot:
            limit = min(PER_FRAME, FRAME_BYTES // (12 * max(len(names), 1)))
        new = records.since(first * self._stride)[: limit * self._stride]
        self._told = first * self._stride + len(new)
        self._status = status
        self.seq += 1
        header: dict = {"type": "frame", "seq": self.seq, **dict(zip(STATUS, status, strict=True))}
        header |= {"stride": self._stride, "first": first, "rows": self._told}
        if snapshot:
            header |= {"snapshot": True, "names": list(names), "title": run.title}
        last = new[-1:] if len(new) else np.full((1, len(names)), np.nan, np.float32)
        return header, [_bytes(buckets(new, self._stride)), _bytes(last)]


def _status(latest) -> tuple:
    return tuple(_for_json(getattr(latest, name)) for name in STATUS)


def _for_json(value):
    """NaN and infinity are no JSON."""
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _bytes(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array, "<f4").tobytes()


class Gate:
    """Whether there is a page that keeps up: frames for nobody would pile up in the server."""

    def __init__(self):
        self._under_way: deque[tuple[int, float]] = deque()  # (seq, when it was sent)
        self._greeted = False

    def greet(self) -> None:
        """A page has come (again) and awaits a snapshot."""
        self._greeted = True
        self._under_way.clear()

    def sent(self, seq: int, now: float) -> None:
        self._under_way.append((seq, now))

    def acknowledge(self, seq: int) -> None:
        """The page has everything up to frame `seq`."""
        while self._under_way and self._under_way[0][0] <= seq:
            self._under_way.popleft()

    def is_open(self, now: float) -> bool:
        if not self._under_way:
            return self._greeted
        return len(self._under_way) < WINDOW and now - self._under_way[0][1] < PATIENCE
