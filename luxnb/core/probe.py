"""Probes: whoever wants to know of each call of a layer, from inside, while a model runs.

`observe` hands out values and keeps a model pure; a probe is for looking: it is told what each
layer is given and returns, in order, and keeps what it knows when something fails half-way. Values
may be tracers, of which only the shape is known.
"""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any

_probe: contextvars.ContextVar[Any] = contextvars.ContextVar("probe", default=None)


class Probe:
    """Told of every call. What its methods return takes the place of what they were given.

    One that `counts` operations is shown the mathematics, not how a platform is made fast.
    """

    counts = False

    def enter(self, path: str, layer, x) -> Any:
        """The layer at `path` begins, with input `x`."""
        return x

    def leave(self, path: str, layer, y) -> Any:
        """It ends, with output `y`. Every `enter` has its `leave`, unless something is raised."""
        return y


@contextlib.contextmanager
def probing(probe: Probe) -> Iterator[None]:
    """While this lasts, `probe` is told of every call in this thread."""
    token = _probe.set(probe)
    try:
        yield
    finally:
        _probe.reset(token)


def probe() -> Probe | None:
    """The probe that is to be told now, if there is one."""
    return _probe.get()
