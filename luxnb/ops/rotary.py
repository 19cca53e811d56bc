"""Rotary positions: pairs of features turned by angles that grow with the position.

J. Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021.
"""

import functools

import jax.numpy as jnp
import numpy as np

from luxnb.core.types import Array


@functools.lru_cache(maxsize=16)
def rotary_table(length: int, dims: int, base: float, dtype) -> tuple[np.ndarray, np.ndarray]:
    """cos θ and sin θ, (length, dims / 2), of θ[p, i] = p · base^(-2i / dims).

    Computed in float64, since float32 would lose digits of the angle with every digit of p.
    One array for all callers: layers that share it put it into a program once.
    """
    angles = np.arange(length)[:, None] * base ** (-np.arange(0, dims, 2) / dims)
    table = np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)
    for array in table:
        array.flags.writeable = False
    return table


def rotate(x: Array, cos: Array, sin: Array) -> Array:
    """(x₁ cos - x₂ sin, x₂ cos + x₁ sin), where x₁ and x₂ are the halves of the last axis."""
    first, second = jnp.split(x.astype(cos.dtype), 2, axis=-1)
    turned = jnp.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)
    return turned.astype(x.dtype)
