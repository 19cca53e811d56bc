"""What happens in a call, seen by shapes alone: which layers are called, with what they are given
and what they return, and where it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.probe import Probe, probing
from luxnb.core.spec import specs


@dataclass(eq=False)
class Call:
    """One call of a layer: shapes of what it was given and, once it has ended, of what it returned.

    In a loop that is compiled, a layer is called once for all turns, with the shapes of one.
    """

    path: str
    layer: Layer
    given: Any
    returned: Any = None
    ended: bool = False


class Recorder(Probe):
    """Notes all calls, in the order in which they begin."""

    def __init__(self):
        self.calls: list[Call] = []
        self._running: list[Call] = []

    def enter(self, path, layer, x):
        self._running.append(Call(path, layer, specs(x)))
        self.calls.append(self._running[-1])
        return x

    def leave(self, path, layer, y):
        call = self._running.pop()
        call.returned, call.ended = specs(y), True
        return y


def recorded(function: Callable, *args) -> tuple[Any, list[Call], Exception | None]:
    """What `function(*args)` returns, the calls of layers in it, and what it raised if it did.

    >>> model = Dense(2, 3)
    >>> _, calls, error = recorded(jax.eval_shape, model, jnp.ones((4, 2)), *model.init(0))
    >>> [(call.path, call.returned) for call in calls], error
    ([('', ShapeDtypeStruct(shape=(4, 3), dtype=float32))], None)
    """
    recorder = Recorder()
    try:
        with probing(recorder):
            return function(*args), recorder.calls, None
    except Exception as error:
        return None, recorder.calls, error
