"""The end of the process: a thread that computes while Python takes itself apart would crash it."""

import atexit
import weakref
from typing import Protocol


class Stoppable(Protocol):
    """What can be told to stop, and be waited for."""

    def stop(self) -> None: ...

    @property
    def still(self) -> bool: ...

    def wait_still(self, seconds: float) -> bool: ...


_running: weakref.WeakSet = weakref.WeakSet()


def keep_until_the_end(worker: Stoppable) -> None:
    """Have `worker` stopped before the process ends."""
    _running.add(worker)


@atexit.register
def _stop_all() -> None:
    for worker in list(_running):
        worker.stop()
    for worker in list(_running):
        worker.wait_still(10)
