"""Where training happens: before a person with a page or a terminal, or before nobody.

Training does not know screens. Whoever has one registers how to find it (`finder`), and how an
error is told that nobody may be waiting for (`announcer`).
"""

import contextlib
import traceback
from collections.abc import Callable
from typing import Any, Protocol


class Place(Protocol):
    """What a run asks of its surroundings."""

    @property
    def background(self) -> bool:
        """Whether `fit` returns at once, because somebody can watch and steer."""
        ...

    def launched(self, run: Any) -> contextlib.AbstractContextManager:
        """Training of `run` starts; the context lasts as long as `fit` waits for it."""
        ...

    def show(self, run: Any) -> bool:
        """Show the run live; False when there is nothing to show it on."""
        ...


class Nobody:
    """A script: `fit` waits, and nothing is shown."""

    background = False

    def launched(self, run):
        return contextlib.nullcontext()

    def show(self, run):
        return False


finder: Callable[[], Place] = Nobody
announcer: Callable[[BaseException], None] = traceback.print_exception


def current() -> Place:
    """The place in which this code runs."""
    return finder()
