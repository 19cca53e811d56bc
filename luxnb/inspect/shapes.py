"""The shapes of a layer's parameters and state, without making any of them."""

import functools

import jax

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree


def shapes(layer: Layer) -> tuple[Tree, Tree]:
    """Parameters and state with a `ShapeDtypeStruct` for each array; nothing is allocated."""
    return _shapes(layer, jax.config.jax_enable_x64)  # type: ignore[attr-defined]


@functools.lru_cache(maxsize=128)
def _shapes(layer: Layer, x64: bool) -> tuple[Tree, Tree]:
    # x64 stands in the cache's key because it decides dtypes.
    return jax.eval_shape(layer.init, jax.eval_shape(jax.random.key, 0))
