"""What may be a field of a layer: plain values, functions and layers; never an array."""

import dataclasses

import numpy as np

from luxnb.core.spec import is_array


def freeze_fields(layer) -> None:
    """Turn lists to tuples and NumPy scalars to Python's; refuse arrays and mutable values."""
    children = {id(child) for child in layer.children().values()}
    for field in dataclasses.fields(layer):
        value = _frozen(getattr(layer, field.name))
        where = f"{type(layer).__name__}.{field.name}"
        if is_array(value):
            raise TypeError(
                f"{where} is an array; a layer holds none: return it from init_params or init_state"
            )
        try:
            hash(value)
        except TypeError:
            raise TypeError(
                f"{where} must be hashable, got {type(value).__name__}; a tuple is, "
                "and so is a frozen dataclass"
            ) from None
        if isinstance(value, tuple) and any(
            hasattr(v, "init_params") and id(v) not in children for v in value
        ):
            raise TypeError(
                f"{where} holds layers in a tuple: put them in a Chain, or name them in children()"
            )
        object.__setattr__(layer, field.name, value)


def _frozen(value):
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, np.generic):
        return value.item()
    return value
