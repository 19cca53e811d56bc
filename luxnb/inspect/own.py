"""What a layer is by itself: its fields without the sub-layers, which are places of their own."""

import dataclasses
from typing import Any

from luxnb.core.layer import Layer


class _Child:
    """Stands for a sub-layer in a field that may also hold something else, or nothing."""

    def __repr__(self):
        return "a layer"


CHILD = _Child()


def own_fields(layer: Layer) -> dict[str, Any]:
    """The fields that decide whether two layers are equal, by name, with `CHILD` for sub-layers.

    Fields that hold nothing but sub-layers or their names, as those of a container do, are left
    out: the children say it already.
    """
    children = layer.children()
    own = {}
    for field in dataclasses.fields(layer):  # type: ignore[arg-type]
        value = getattr(layer, field.name)
        if field.compare and not (not field.init and _are_names(value, children)):
            value = _without_children(value, {id(child) for child in children.values()})
            if value != (CHILD,):
                own[field.name] = value
    return own


def same_type(a, b) -> bool:
    """Whether both are of one class, or of two that one cell defined, when it ran twice."""
    return kind_of(a) == kind_of(b)


def kind_of(value) -> tuple[str, str]:
    """The module and the name of the class."""
    return type(value).__module__, type(value).__qualname__


def _are_names(value, children) -> bool:
    return isinstance(value, tuple) and all(v in children for v in value if isinstance(v, str))


def _without_children(value, children: set[int]):
    """`CHILD` for a child; a tuple of nothing but children is `(CHILD,)`, whatever its length."""
    if id(value) in children:
        return CHILD
    if not isinstance(value, tuple):
        return value
    inner = tuple(_without_children(v, children) for v in value)
    return (CHILD,) if inner and all(v is CHILD for v in inner) else inner
