"""compact: a layer written as one function, `def net(m, x)`, and what belongs to it."""

import dataclasses
import importlib
import inspect
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import jax

from luxnb.core.bound import Bound
from luxnb.core.config import is_default
from luxnb.core.fields import check_hashable, frozen
from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.parts import Param, RandomKey, State
from luxnb.core.pickling import pickled_fields, unpickled
from luxnb.core.spec import is_array


def compact(**parts) -> Callable[[Callable], Any]:
    """Make a layer of a function `def net(m, x)` and of its parts, found again as `m.name`.

    A part is a layer, called as `m.hidden(x)`, its state threaded for you; `Param(init, shape)`;
    `State(init, shape)`, `RandomKey()` or a `Mode`, read and written as `m.count = m.count + 1`;
    or any other value, a hyper-parameter. A parameter of a layer is `m.hidden.weight`; of the
    layers in a container, `m.blocks.layer_1(x)` or `for block in m.blocks: x = block(x)`.

    What comes out is the layer that a class with these parts as fields would make: it has
    `init`, is called as `y, st = net(x, ps, st)`, and `replace(net, "hidden", …)` changes it.

    >>> @compact(hidden=Dense(2, 32, jnp.tanh), gain=Param(init.ones(), (1,)))
    ... def net(m, x):
    ...     return m.gain[None] * m.hidden(x)
    >>> ps, st = net.init(0)
    >>> y, st = net(jnp.ones((4, 2)), ps, st)
    >>> y.shape, count(net)
    ((4, 32), 97)
    """
    if not parts:
        raise TypeError("compact needs parts: @compact(hidden=Dense(2, 32))")

    def decorate(function: Callable) -> Layer:
        _check(function)
        return _declare(function, {n: _part(function, n, v) for n, v in parts.items()})()

    return decorate


def is_compact(layer: Layer) -> bool:
    """Whether the layer was written in the short form."""
    return type(layer).__reduce__ is _reduce


def _check(function) -> None:
    if isinstance(function, type) or not callable(function):
        raise TypeError(f"@compact(…) goes over a function `def net(m, x)`, got {function!r}")
    try:
        inspect.signature(function).bind("m", "x")
    except TypeError:
        raise TypeError(
            f"{function.__name__} must take two arguments: write `def {function.__name__}(m, x)`; "
            "more inputs travel in x as a tuple or a dict"
        ) from None


def _part(function, name: str, value):
    where, value = f"{function.__name__}.{name}", frozen(value)
    if any(map(is_array, jax.tree.leaves(value))):
        raise TypeError(
            f"{where} is an array; a layer holds none: declare {name}=Param(init, shape) to "
            f"train it, or {name}=State(init, shape)"
        )
    check_hashable(value, where)
    return value


def _declare(function: Callable, parts: Mapping[str, Any]) -> type[Layer]:
    """The class that one would write by hand, with the function as its `forward`."""
    name = function.__name__

    def forward(self, x, ps, st):
        y = function(Bound(self, ps, st), x)
        if y is None:
            raise TypeError(f"{name}(m, x) returned nothing: end it with `return y`")
        return y, st

    def init_params(self, key):
        return {n: p.init(key_for(key, n), p.shape) for n, p in _owned(self, Param)}

    def init_state(self, key):
        arrays = {n: p.init(key_for(key, n), p.shape) for n, p in _owned(self, State)}
        keys = {n: key_for(key, n) for n, _ in _owned(self, RandomKey)}
        made = arrays | keys | dict(_owned(self, Mode))
        return {n: made[n] for n in parts if n in made}

    namespace = {
        "__doc__": function.__doc__,
        "__module__": function.__module__,
        "__qualname__": function.__qualname__,
        "__annotations__": {"_": dataclasses.KW_ONLY} | {n: type(p) for n, p in parts.items()},
        "__repr__": _repr,
        "__reduce__": _reduce,
        "forward": forward,
        "init_params": init_params,
        "init_state": init_state,
        **parts,
    }
    return type(name, (Layer,), namespace)


def _owned(layer: Layer, kind: type):
    """(name, part) of each part of that kind."""
    for field in dataclasses.fields(layer):  # type: ignore[arg-type]
        value = getattr(layer, field.name)
        if isinstance(value, kind):
            yield field.name, value


def _changed(layer) -> dict[str, Any]:
    values = ((f, getattr(layer, f.name)) for f in dataclasses.fields(layer))
    return {field.name: value for field, value in values if not is_default(field, value)}


def _repr(self) -> str:
    """The name of the function; with other parts, the edits that make them."""
    text = type(self).__name__
    for name, value in _changed(self).items():
        text = f"replace({text}, {name!r}, {value!r})"
    return text


# -- in pickles: the name under which the decorated function is found ------------------------------


def _reduce(self):
    cls = type(self)
    try:
        found = _find(cls.__module__, cls.__qualname__)
    except (ImportError, AttributeError):
        found = None
    if type(found) is not cls:
        raise pickle.PicklingError(
            f"{cls.__qualname__} cannot be found again: a compact layer can be pickled when its "
            "function stands at the top level of a module, under its own name"
        )
    return _again, (cls.__module__, cls.__qualname__, pickled_fields(self))


def _again(module: str, qualname: str, fields: dict) -> Layer:
    return unpickled(type(_find(module, qualname)), fields)


def _find(module: str, qualname: str):
    value: Any = importlib.import_module(module)
    for name in qualname.split("."):
        value = getattr(value, name)
    return value
