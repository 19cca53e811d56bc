"""Weights as functions of other arrays: a length times a direction; a spectral norm of one."""

import jax.numpy as jnp
from jax import lax

from luxnb.core.types import Array


def split_length(weight: Array, axis: int | None) -> tuple[Array, Array]:
    """g = ‖v‖ for each place on `axis`, or for all of `weight` if None, and v, the weight.

    A vector of zeros becomes length 0 and a direction of ones: the same weight, which can learn.
    """
    others = _others(weight, axis)
    length = jnp.sqrt(jnp.sum(jnp.square(weight), others))
    return length, jnp.where(jnp.expand_dims(length, others) > 0, weight, 1)


def join_length(length: Array, direction: Array, axis: int | None) -> Array:
    """g · v / ‖v‖ for each place on `axis`, the norm over all other axes; 0 where v is.

    Computed in at least float32; the result has the dtype of the direction.
    """
    others = _others(direction, axis)
    wide = jnp.promote_types(direction.dtype, jnp.float32)
    v, g = direction.astype(wide), jnp.expand_dims(length.astype(wide), others)
    square = jnp.sum(jnp.square(v), others, keepdims=True)
    is_zero = square == 0
    factor = jnp.where(is_zero, 0, lax.rsqrt(jnp.where(is_zero, 1, square)))
    return (g * factor * v).astype(direction.dtype)


def power_iterations(
    weight: Array, u: Array, v: Array, axis: int, iterations: int, eps: float
) -> tuple[Array, Array]:
    """u and v after u ← W v / ‖W v‖, v ← Wᵀ u / ‖Wᵀ u‖, `iterations` times.

    They approach the singular vectors of the largest singular value. W has the places on `axis` as
    its rows. No gradient goes through the iterations. Where W v = 0, u stays.
    """
    matrix = lax.stop_gradient(_matrix(weight, axis))
    start = tuple(lax.stop_gradient(s).astype(matrix.dtype) for s in (u, v))

    def step(_, vectors):
        u, v = vectors
        u = _unit(v @ matrix, u, eps)
        return u, _unit(matrix @ u, v, eps)

    return lax.fori_loop(0, iterations, step, start)


def over_spectral_norm(weight: Array, u: Array, v: Array, axis: int) -> Array:
    """W / σ with σ = uᵀ W v, computed in at least float32, in W's dtype; W itself where σ = 0.

    To the gradient u and v are constants.
    """
    matrix = _matrix(weight, axis)
    u, v = (lax.stop_gradient(s).astype(matrix.dtype) for s in (u, v))
    sigma = (v @ matrix) @ u
    return (weight.astype(matrix.dtype) / jnp.where(sigma == 0, 1, sigma)).astype(weight.dtype)


def _others(weight: Array, axis: int | None) -> tuple[int, ...]:
    """The axes that a norm is taken over: all but `axis`."""
    kept = None if axis is None else range(weight.ndim)[axis]
    return tuple(i for i in range(weight.ndim) if i != kept)


def _matrix(weight: Array, axis: int) -> Array:
    """Wᵀ: the places on `axis` as columns, in at least float32; a copy only if axis isn't last."""
    weight = weight.astype(jnp.promote_types(weight.dtype, jnp.float32))
    return jnp.moveaxis(weight, axis, -1).reshape(-1, weight.shape[axis])


def _unit(vector: Array, otherwise: Array, eps: float) -> Array:
    """The vector over its length, or over eps if that is greater; `otherwise` if it is zero."""
    length = jnp.sqrt(jnp.sum(jnp.square(vector)))
    return jnp.where(length > 0, vector / jnp.maximum(length, eps), otherwise)
