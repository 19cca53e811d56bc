"""Dropout: a random mask and its scale.

N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 2014.
"""

import jax
import jax.numpy as jnp

from luxnb.core.types import Array, Key


def dropout(key: Key, x: Array, rate: float) -> Array:
    """x · m / (1 - rate), where each element of m is 0 with probability `rate`, else 1."""
    keep = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(keep, x / (1 - rate), jnp.zeros((), x.dtype))
