"""Models changed by path: `replace(model, "layer_1.out_dims", 64)`."""

import dataclasses
from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.tree import nearest


def at(model: Layer, path: str) -> Any:
    """The sub-layer or field that a dotted path names; `""` is the model itself."""
    value: Any = model
    for name in filter(None, path.split(".")):
        value = _step(value, name)
    return value


def replace(model: Layer, path: str, value: Any) -> Layer:
    """A copy of `model` with the sub-layer or field at `path` exchanged.

    >>> model = Chain(Dense(2, 32), Dense(32, 1))
    >>> replace(model, "layer_1.activation", jax.nn.tanh)
    Chain(Dense(2, 32, jax.nn.tanh), Dense(32, 1))
    """
    name, _, rest = path.partition(".")
    current = _step(model, name)
    if rest:
        if not isinstance(current, Layer):
            raise AttributeError(
                f"{name} of {type(model).__name__} is no layer: it has no {rest!r}"
            )
        value = replace(current, rest, value)
    if name in model.children():
        if not isinstance(value, Layer):
            raise TypeError(f"{path} is a layer and can only become another, got {value!r}")
        return model.with_child(name, value)
    return model.__replace__(**{name: value})


def _step(value, name: str):
    if not isinstance(value, Layer):
        raise AttributeError(f"{value!r} is no layer: it has no {name!r}")
    children = value.children()
    if name in children:
        return children[name]
    fields = [f.name for f in dataclasses.fields(value)]  # type: ignore[arg-type]
    if name in fields:
        return getattr(value, name)
    close = nearest(name, [*children, *fields])
    raise AttributeError(f"{type(value).__name__} has no child or field {name!r}{close}")
