"""What may be a field of a layer: plain values, functions and layers; never an array."""

import dataclasses
import inspect

import numpy as np

from luxnb.core.spec import is_array
from luxnb.core.tree import check_name

_WRITE_INSTEAD = {"__call__": "forward", "init": "init_params", "__post_init__": "check"}


def check_class(cls, base) -> None:
    """Refuse a subclass of `base`, Layer, in which a method or a field cannot mean what it says."""
    for name, instead in _WRITE_INSTEAD.items():
        if name in vars(cls):
            raise TypeError(f"{cls.__name__}.{name} is not yours to write: write {instead}")
    annotated = inspect.get_annotations(cls)
    for name in annotated:
        if hasattr(base, name):
            raise TypeError(f"{cls.__name__}.{name} cannot be a field: it is a method of Layer")
    for name, value in vars(cls).items():
        if isinstance(value, base) and name not in annotated:
            raise TypeError(
                f"{cls.__name__}.{name} is no field without a type: "
                f"write `{name}: Layer = {value!r}`"
            )


def freeze_fields(layer) -> None:
    """Turn lists to tuples and NumPy scalars to Python's; refuse arrays and mutable values."""
    children = _children(layer)
    for field in dataclasses.fields(layer):
        value = frozen(getattr(layer, field.name))
        where = f"{type(layer).__name__}.{field.name}"
        if any(map(is_array, _flat(value))):
            raise TypeError(
                f"{where} is an array; a layer holds none: return it from init_params or init_state"
            )
        check_hashable(value, where)
        if isinstance(value, tuple) and any(
            hasattr(v, "init_params") and id(v) not in children for v in _flat(value)
        ):
            raise TypeError(
                f"{where} holds layers in a tuple: put them in a Chain, or name them in children()"
            )
        object.__setattr__(layer, field.name, value)


def check_hashable(value, where: str) -> None:
    """Raise unless the value can be compared and hashed, as a part of a value must."""
    try:
        hash(value)
    except TypeError:
        raise TypeError(
            f"{where} must be hashable, got {type(value).__name__}; a tuple is, "
            "and so is a frozen dataclass"
        ) from None


def _children(layer) -> set[int]:
    """The identities of the children, each of which must be a layer with a name for a Tree."""
    for name, child in layer.children().items():
        where = f"{type(layer).__name__}.{name}"
        check_name(name, where)
        if not hasattr(child, "init_params"):
            raise TypeError(f"{where} is a child and must be a layer, got {child!r}")
    return {id(child) for child in layer.children().values()}


def _flat(value):
    """The value, or what is inside of nested tuples."""
    if isinstance(value, tuple):
        for inner in value:
            yield from _flat(inner)
    else:
        yield value


def frozen(value):
    """The value with lists as tuples and NumPy scalars as Python's."""
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return tuple(map(frozen, value))
    if isinstance(value, np.generic):
        return value.item()
    return value
