"""Normalisation: moments, and moving averages of them."""

import jax.numpy as jnp
from jax import lax

from luxnb.core.types import Array
from luxnb.ops.shape import along_last


def moments(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Mean and biased variance E[(x - μ)²] over `axes`, without those axes; at least float32."""
    x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    mean = jnp.mean(x, axes, keepdims=True)
    variance = jnp.mean(jnp.square(x - mean), axes)
    return mean.reshape(variance.shape), variance


def normalise(x: Array, mean: Array, variance: Array, eps: float) -> Array:
    """(x - μ) / √(σ² + eps), with μ and σ² over the last axis; as precise as they are."""
    mean, variance = along_last(mean, x), along_last(variance, x)
    return ((x - mean) * lax.rsqrt(variance + eps)).astype(jnp.result_type(x, float))


def moving(old: Array, new: Array, momentum: float) -> Array:
    """(1 - momentum) · old + momentum · new, in old's dtype: `momentum` weighs the new value."""
    return ((1 - momentum) * old + momentum * new).astype(old.dtype)
