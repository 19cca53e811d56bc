"""Sine and cosine of a given period, periodic to the bit."""

import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.types import Array
from luxnb.ops.shape import along_last


def sin_cos(x: Array, periods: tuple[float, ...]) -> tuple[Array, Array]:
    """sin(2πx / period) and cos(2πx / period), each with its period along the last axis of x.

    In float32 at least, and as precise for large x as for small.
    """
    wide = jnp.promote_types(jnp.result_type(x, float), jnp.float32)
    period = jnp.broadcast_to(along_last(jnp.asarray(periods, wide), x), x.shape)
    angle = 2 * np.pi * (within_period(x.astype(wide), period) / period)
    return jnp.sin(angle), jnp.cos(angle)


def within_period(x: Array, period: Array) -> Array:
    """x - k · period for the integer k that brings it into (-period / 2, period / 2].

    Exact: the remainder is never rounded, nor is the difference of two numbers that are at most
    twice one another.
    """
    rest = lax.rem(x, period)
    # The remainder of −3 by 3 is −0.0, which has other bits; a plain 0 would have no gradient.
    rest = jnp.where(rest == 0, x - lax.stop_gradient(x), rest)
    rest = jnp.where(rest > period / 2, rest - period, rest)
    return jnp.where(rest <= -period / 2, rest + period, rest)
