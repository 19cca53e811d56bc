"""What a model is given, told by arrays or by their shapes alone."""

import operator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import is_array, is_key, short


def input_shapes(x) -> Any:
    """The same pytree with a `ShapeDtypeStruct` for each array, and for each tuple of ints, which
    is the shape of an array of floats.

    Anything else is a TypeError, a negative size a ValueError.
    """
    return jax.tree.map(_spec, x, is_leaf=_is_shape)


def _is_shape(value) -> bool:
    return type(value) is tuple and all(map(_is_size, value))


def _is_size(value) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _spec(value) -> jax.ShapeDtypeStruct:
    if _is_shape(value):
        if any(size < 0 for size in value):
            raise ValueError(f"x: no size of a shape can be negative, got {value}")
        dtype = jax.dtypes.canonicalize_dtype(float)
        return jax.ShapeDtypeStruct(tuple(map(operator.index, value)), dtype)
    if not is_array(value) or not (is_key(value) or _is_number(value.dtype)):
        hint = "; a shape is a tuple" if _is_size(value) else ""
        raise TypeError(
            "x must be an array of numbers, a shape such as (4, 784), a jax.ShapeDtypeStruct, or a "
            f"dict, list or tuple of them; got {short(value)}{hint}"
        )
    dtype = value.dtype if is_key(value) else jax.dtypes.canonicalize_dtype(value.dtype)
    return jax.ShapeDtypeStruct(tuple(value.shape), dtype)


def _is_number(dtype) -> bool:
    try:
        return jnp.issubdtype(dtype, jnp.number) or jnp.issubdtype(dtype, jnp.bool_)
    except TypeError:  # another library's
        return False
