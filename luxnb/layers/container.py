"""Layers by name, as the containers hold them in their fields `layers` and `names`.

`Chain`, `Parallel`, `Branch`, `PairwiseFusion` and `Maxout` share these functions: some are called,
and some are methods as they stand, `__len__ = length`.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar, overload

from luxnb.core.config import source
from luxnb.core.layer import Layer
from luxnb.core.tree import check_name, nearest
from luxnb.layers.functions import Function

C = TypeVar("C", bound=Layer)


def hold(container, layers, named: dict[str, Any], **fields) -> None:
    """What the constructor of a container does: its layers by name, and its other fields.

    Positional layers are `layer_1`, `layer_2`, …; lists of them are laid out flat.
    """
    kind = type(container)
    pairs = [(f"layer_{i}", layer) for i, layer in enumerate(_flat(layers), 1)]
    for name in named.keys() & dict(pairs):
        raise ValueError(f"{kind.__name__} has two layers named {name!r}")
    pairs += named.items()
    _some(kind, pairs)
    for name, layer in pairs:
        _check(kind, name)
        if not callable(layer):
            raise TypeError(f"{kind.__name__}.{name} must be a layer or a function, got {layer!r}")
    fields["names"] = tuple(name for name, _ in pairs)
    fields["layers"] = tuple(as_layer(layer) for _, layer in pairs)
    _set(container, fields)


def as_layer(value) -> Layer:
    """A layer as it is, a function as a `Function`."""
    return value if isinstance(value, Layer) else Function(value)


def holds_by_name(layer: Layer) -> bool:
    """Whether it is a container, whose layers may be more or fewer."""
    return {"names", "layers"} <= {field.name for field in dataclasses.fields(layer)}  # type: ignore[arg-type]


def layers_of(container) -> dict[str, Layer]:
    """The layers by name, in order."""
    return dict(zip(container.names, container.layers, strict=True))


def children(container, connection: str) -> dict[str, Layer]:
    """The layers by name, and the field `connection` where it holds one more."""
    last = getattr(container, connection)
    return layers_of(container) | ({connection: last} if isinstance(last, Layer) else {})


def with_layers(container: C, layers: dict[str, Layer]) -> C:
    """A copy with these layers, by name, in the place of all it has."""
    _some(type(container), layers)
    for name in layers:
        _check(type(container), name)
    return _copy(container, names=tuple(layers), layers=tuple(layers.values()))


def each(container, xs: tuple, ps, st) -> tuple:
    """What each layer makes of its x; their states are written to `st`."""
    ys = []
    for (name, layer), x in zip(layers_of(container).items(), xs, strict=True):
        y, st[name] = layer(x, ps[name], st[name])
        ys.append(y)
    return tuple(ys)


def written(container, *before, **after) -> str:
    """The constructor call: values before the layers, the layers, fields after them.

    The layers are named unless their names are numbers in order.
    """
    layers = layers_of(container)
    numbered = all(name == f"layer_{i}" for i, name in enumerate(layers, 1))
    words = [source(value) for value in before]
    words += [repr(v) if numbered else f"{name}={v!r}" for name, v in layers.items()]
    words += [f"{name}={source(value)}" for name, value in after.items()]
    return f"{type(container).__name__}({', '.join(words)})"


# -- methods ---------------------------------------------------------------------------------------


def replaced(self: C, /, **changes) -> C:
    """`__replace__`: a copy with some fields exchanged."""
    for name in changes.keys() & {"names", "layers"}:
        raise TypeError(
            f"{type(self).__name__}.{name} cannot be replaced as a whole: replace one layer by "
            f"its name, or write a new {type(self).__name__}"
        )
    return _copy(self, **changes)


def with_layer(self: C, name: str, child: Layer) -> C:
    """`with_child`: one of the layers, or another field that holds a layer, exchanged."""
    layers = layers_of(self)
    if name not in layers:
        return _copy(self, **{name: child})
    return _copy(self, layers=tuple((layers | {name: child}).values()))


def length(self) -> int:
    """`__len__`: how many layers there are."""
    return len(self.layers)


def iterate(self) -> Iterator[Layer]:
    """`__iter__`: the layers in order."""
    return iter(self.layers)


@overload
def part(self, index: int) -> Layer: ...
@overload
def part(self: C, index: slice) -> C: ...
def part(self, index):
    """`__getitem__`: one layer; for a slice, a container of those, which keep their names."""
    if not isinstance(index, slice):
        return self.layers[index]
    names = self.names[index]
    _some(type(self), names)
    return _copy(self, names=names, layers=self.layers[index])


def by_name(self, name: str) -> Layer:
    """`__getattr__`: the layer of that name."""
    if name.startswith("_") or name == "names":
        raise AttributeError(name)
    try:
        return self.layers[self.names.index(name)]
    except ValueError:
        close = nearest(name, self.names)
        raise AttributeError(f"{type(self).__name__} has no layer {name!r}{close}") from None


def names_too(self) -> list[str]:
    """`__dir__`: for Tab completion."""
    return [*object.__dir__(self), *self.names]


# --------------------------------------------------------------------------------------------------


def _some(kind: type, layers) -> None:
    if not layers:
        raise ValueError(
            f"{kind.__name__} needs at least one layer; Identity() is the one that does nothing"
        )


def can_name(kind: type, name: str) -> bool:
    """Whether a layer in a container of that kind may be called so: nothing else is."""
    return not hasattr(kind, name) and name not in {f.name for f in dataclasses.fields(kind)}


def _check(kind: type, name: str) -> None:
    where = f"{kind.__name__}.{name}"
    check_name(name, where)
    if not can_name(kind, name):
        raise ValueError(f"{where} cannot name a layer: it is an attribute of {kind.__name__}")


def _copy(container: C, **changes) -> C:
    copy = object.__new__(type(container))
    fields = {f.name: getattr(container, f.name) for f in dataclasses.fields(container)}  # type: ignore[arg-type]
    _set(copy, fields | changes)
    return copy


def _set(container, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        object.__setattr__(container, name, value)
    container.__post_init__()


def _flat(layers):
    """The layers, with those in lists or tuples in their places."""
    for layer in layers:
        if isinstance(layer, list | tuple):
            yield from _flat(layer)
        else:
            yield layer
