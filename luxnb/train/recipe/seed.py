"""Seeds as data for JSON: a number as it is, a random key by its numbers."""

import operator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.keys import as_key


def describe_seed(seed: Any) -> Any:
    """An int, or {"key": numbers, "impl": "fry"}."""
    try:
        return operator.index(seed)
    except TypeError:
        key = as_key(seed)
        numbers = np.asarray(jax.random.key_data(key)).tolist()
        return {"key": numbers, "impl": str(jax.random.key_impl(key))}


def seed_of(described: Any) -> Any:
    """The seed that was described; ValueError when there is no such key."""
    if not isinstance(described, dict):
        return described
    try:
        numbers = jnp.asarray(np.array(described["key"], np.uint32))
        return jax.random.wrap_key_data(numbers, impl=described["impl"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"seed of the recipe is {described!r:.80}, no random key: {error}"
        ) from None
