"""Rows of a table by number."""

import jax.numpy as jnp

from luxnb.core.types import Array


def lookup(table: Array, *ids: Array) -> Array:
    """table[ids], and NaN for an id that is not there, also a negative one.

    Nothing can be raised in a compiled program, and any row would hide the mistake.
    """
    return (
        jnp.asarray(table).at[ids].get(mode="fill", fill_value=jnp.nan, wrap_negative_indices=False)
    )
