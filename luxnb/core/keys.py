"""A random key for each name, so that adding a layer leaves every other weight as it was."""

import operator
import zlib

import jax
import jax.numpy as jnp

from luxnb.core.types import Key


def as_key(seed) -> Key:
    """A typed random key from an int, an old-style `PRNGKey` or a typed key."""
    if hasattr(seed, "dtype"):
        if jnp.issubdtype(seed.dtype, jax.dtypes.prng_key):
            if seed.shape != ():
                raise ValueError(f"expected one random key, got an array of keys {seed.shape}")
            return seed
        if seed.dtype == jnp.uint32 and seed.shape == (2,):
            return jax.random.wrap_key_data(seed)
        if jnp.issubdtype(seed.dtype, jnp.integer) and seed.shape == ():
            return jax.random.key(seed)  # also an int that jit or eval_shape made abstract
    try:
        return jax.random.key(operator.index(seed))
    except TypeError:
        raise TypeError(
            f"expected a seed (an int) or a random key, got {seed!r}; write jax.random.key(0)"
        ) from None


def key_for(key: Key, name: str) -> Key:
    """The key that belongs to `name` under `key`: fold_in(key, crc32(name))."""
    return jax.random.fold_in(key, zlib.crc32(name.encode()))
