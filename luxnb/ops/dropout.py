"""Dropout: random masks, and what is done with them."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.types import Array, Key

# What SELU tends to for large negative x, -λ · α: G. Klambauer et al., 2017.
SELU_FLOOR = -1.7580993408473766


def dropout(key: Key, x: Array, rate: float, axes: tuple[int, ...] | None = None) -> Array:
    """x · m / (1 - rate), where each element of m is 0 with probability `rate`, else 1.

    m is drawn along `axes` of x, or along all if None, and is the same along the others.
    """
    if rate == 1:
        return jnp.zeros_like(x)
    return jnp.where(mask(key, x.shape, rate, axes), x / (1 - rate), jnp.zeros((), x.dtype))


def alpha_dropout(key: Key, x: Array, rate: float) -> Array:
    """a · (x or, with probability `rate`, α) + b, where α = SELU_FLOOR.

    a = 1 / √((1 - rate) · (1 + rate · α²)) and b = -a · α · rate keep a mean of 0 and a variance
    of 1.
    """
    if rate == 1:
        return jnp.zeros_like(x)
    a = 1 / math.sqrt((1 - rate) * (1 + rate * SELU_FLOOR**2))
    b = -a * SELU_FLOOR * rate
    dropped = jnp.asarray(a * SELU_FLOOR + b, x.dtype)
    return jnp.where(mask(key, x.shape, rate, None), a * x + b, dropped)


def mask(key: Key, shape: tuple[int, ...], rate: float, axes: tuple[int, ...] | None) -> Array:
    """False with probability `rate`, drawn along `axes`; of size 1 along the others."""
    if axes is not None:
        along = {range(len(shape))[axis] for axis in axes}
        shape = tuple(n if i in along else 1 for i, n in enumerate(shape))
    return jax.random.bernoulli(key, np.float32(1 - rate), shape)  # the same in x64
