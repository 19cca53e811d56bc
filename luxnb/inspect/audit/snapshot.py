"""Before and after: whether running a layer changed anything around it, or printed something."""

import contextlib
import random
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array
from luxnb.inspect.audit.around import has_attributes, things

_DEEP = 3
_MANY_BYTES = 1 << 24


def snapshot(layer: Layer) -> dict[str, Any]:
    """A print, by name, of everything around the layer and of the process's generators."""
    found: dict[str, Any] = {}
    for thing in things(layer):
        found.setdefault(thing.name, []).append(_print(thing.value))
    found["np.random"] = [*found.pop("np.random", []), _print(np.random.get_state())]
    found["random"] = [*found.pop("random", []), random.getstate()]
    return found


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of what differs between two snapshots."""
    return [name for name in after if name not in before or before[name] != after[name]]


class _It:
    """Equal to itself alone, and kept alive so that no other takes its address."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, _It) and self.value is other.value


def _print(value, deep: int = _DEEP):
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, np.random.RandomState):
        return _print(value.get_state())
    if isinstance(value, random.Random):
        return value.getstate()
    if isinstance(value, np.ndarray) and value.nbytes < _MANY_BYTES:
        return value.shape, str(value.dtype), value.tobytes()
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return repr(value)
    if deep and isinstance(value, dict):
        return [(_It(key), _print(inner, deep - 1)) for key, inner in list(value.items())]
    if deep and isinstance(value, list | tuple):
        return [_print(inner, deep - 1) for inner in list(value)]
    if isinstance(value, set | frozenset):
        return sorted(map(id, value))
    if deep and has_attributes(value) and not isinstance(value, Layer) and not is_array(value):
        return _It(value), [(n, _print(v, deep - 1)) for n, v in list(vars(value).items())]
    return _It(value)


class Printed:
    """Stands for stdout: keeps what this thread prints, and passes on what others do."""

    def __init__(self, real):
        self.real, self.thread, self.text = real, threading.get_ident(), ""

    def write(self, text) -> int:
        if threading.get_ident() == self.thread:
            self.text += text
            return len(text)
        return self.real.write(text)

    def __getattr__(self, name):
        return getattr(self.real, name)


@contextlib.contextmanager
def undisturbed() -> Iterator[Printed]:
    """Whatever runs within prints nothing, warns of nothing, and leaves the generators of the
    process as they were."""
    numpys, pythons, printed = np.random.get_state(), random.getstate(), Printed(sys.stdout)
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():  # type: ignore[type-var]
            warnings.simplefilter("ignore")
            yield printed
    finally:
        np.random.set_state(numpys)
        random.setstate(pythons)
