"""Snapshots: TrainStates of the past, on the host, from which any step can be computed again."""

from luxnb.train.state import TrainState

MOST_BYTES = 256 * 2**20
MOST = 16


class Snapshots:
    """A few of the past, spread evenly; when there are too many, every other one goes."""

    def __init__(self):
        self._kept: dict[int, TrainState] = {}
        self._stride = 1

    def offer(self, step: int, ts: TrainState) -> None:
        """Keep this TrainState, if it is far enough from the last."""

    def nearest(self, step: int) -> TrainState | None:
        """The last one at or before `step`."""
        return None
