"""Observers: who wants to hear that a run moved on; training never suffers from them."""

import sys
from collections.abc import Callable


class Observers:
    """Functions without arguments, called one after another on the thread that trains."""

    def __init__(self):
        self._callbacks: list[Callable[[], None]] = []

    def add(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have it called from now on; what is returned ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback) if callback in self._callbacks else None

    def notify(self) -> None:
        """Call them all; one that raises is dropped, and says so."""
        for callback in list(self._callbacks):
            try:
                callback()
            except Exception as error:
                self._callbacks.remove(callback)
                print(f"luxnb: an observer failed and was dropped: {error!r}", file=sys.stderr)
