"""What happens inside a model, seen from outside; and a `scan` through which it can be seen.

Values that are seen leave a call as outputs, never by a side effect, so a captured model is as
pure as the model. Inside a traced loop they are tracers, which must leave by the loop's own door:
whoever runs layers inside `scan`, `vmap` or `checkpoint` watches there and tells here.
"""

import contextvars
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
from jax import lax
from jax.extend.core import get_opaque_trace_state


@dataclass(eq=False)
class _Observer:
    """What is told, by path, and the trace in which it stands: values of another must not enter."""

    seen: dict[str, Any] = field(default_factory=OrderedDict)  # of a dict, JAX sorts the names
    trace: Any = field(default_factory=get_opaque_trace_state)


_observer: contextvars.ContextVar[_Observer | None] = contextvars.ContextVar(
    "observer", default=None
)


def observing(function: Callable) -> Callable:
    """The function, returning `(result, seen)`: what was told while it ran, by path."""

    def observed(*args):
        observer = _Observer()
        token = _observer.set(observer)
        try:
            return function(*args), observer.seen
        finally:
            _observer.reset(token)

    return observed


def watch(function: Callable) -> Callable:
    """The same where somebody observes; else `seen` is empty, and nothing is kept."""
    return observing(function) if is_observed() else lambda *args: (function(*args), {})


def is_observed() -> bool:
    """Whether what is told now is kept."""
    return _observer.get() is not None


def tell(path: str, value) -> None:
    """Note that `value` was seen at `path`; again at the same path, it is `path#2`.

    Inside a `vmap` or `jit` that does not watch, nothing is noted: it could not get out.
    """
    observer = _observer.get()
    if observer is None or observer.trace != get_opaque_trace_state():
        return
    times, name = 1, path
    while name in observer.seen:
        times += 1
        name = f"{path}#{times}"
    observer.seen[name] = value


def tell_all(seen: dict[str, Any]) -> None:
    """Note what was watched elsewhere, in a loop say."""
    for path, value in seen.items():
        tell(path, value)


def scan(body: Callable, carry, xs, *, length=None, reverse=False, unroll=1):
    """`lax.scan`, except that what is seen in the body comes out, stacked over the steps."""

    def step(carry, x):
        (carry, y), seen = watch(body)(carry, x)
        return carry, (y, seen)

    carry, (ys, seen) = lax.scan(step, carry, xs, length=length, reverse=reverse, unroll=unroll)
    tell_all(seen)
    return carry, ys


def checkpoint(function: Callable, **options) -> Callable:
    """`jax.checkpoint`, which computes again instead of keeping, with the same door."""

    def rematerialised(*args):
        result, seen = jax.checkpoint(watch(function), **options)(*args)
        tell_all(seen)
        return result

    return rematerialised
