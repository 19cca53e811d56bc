"""What a Lyapunov function is made of: squared lengths, and differences that vanish exactly."""

import jax.numpy as jnp
from jax import lax

from luxnb.core.types import Array


def squared_norm(x: Array) -> Array:
    """Σ x² over the last axis."""
    return jnp.sum(jnp.square(x), axis=-1)


def squared_distance(x: Array, y: Array) -> Array:
    """Σ (x - y)² over the last axis."""
    return squared_norm(x - y)


def difference(y: Array, y0: Array, same: Array) -> Array:
    """y - y0, exactly 0 where they are the `same` but for rounding, with the derivatives of y - y0.

    A sample among others and alone may differ in the last bit.
    """
    found = y - y0
    return found - lax.stop_gradient(jnp.where(same, found, jnp.zeros_like(found)))
