"""Floats in another precision, whatever else there is among them."""

from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import is_array

T = TypeVar("T")


def cast(tree: T, dtype: Any) -> T:
    """The same Tree, or any pytree, with every array of floats in `dtype`.

    Integers, booleans, random keys and modes stay as they are.

    >>> ps, st = Dense(2, 3).init(0)
    >>> cast(ps, jnp.bfloat16)
    Tree(weight=bf16[2,3], bias=bf16[3])
    """
    if callable(tree):
        raise TypeError(
            f"a layer holds no numbers to cast: cast its parameters, or write WithDtype(layer, "
            f"dtype); got {tree!r}"
        )
    dtype = dtype_of_floats(dtype, "the dtype to cast to")
    return jax.tree.map(lambda v: v.astype(dtype) if is_floats(v) else v, tree)


def is_floats(value) -> bool:
    """Whether `value` is an array of floats."""
    return is_array(value) and jnp.issubdtype(value.dtype, jnp.floating)


def float_dtype(*trees) -> np.dtype | None:
    """The dtype of the first array of floats in these pytrees, if there is any."""
    return next((leaf.dtype for leaf in jax.tree.leaves(trees) if is_floats(leaf)), None)


def dtype_of_floats(dtype: Any, where: str) -> np.dtype:
    """A dtype, its name or its scalar type as that dtype, if it is one of floats."""
    try:
        known = None if dtype is None else jnp.dtype(dtype)
    except TypeError:
        known = None
    if known is None or not jnp.issubdtype(known, jnp.floating):
        raise ValueError(f"{where} must be one of floats, such as 'bfloat16', got {dtype!r}")
    return known
