"""Accumulation: a batch in equal parts, one after the other, as if it were taken at once."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
from jax import lax

from luxnb.core.spec import short, specs
from luxnb.core.tree import Tree
from luxnb.train.measure.metrics import Ratio
from luxnb.train.program.convolution import has_convolution


def over_parts(function: Callable, state: Tree, batch: Any, parts: int) -> tuple[Tree, Any]:
    """`state, values = function(state, part)` over the parts of a batch, its rows in order.

    The state goes through them, and the values, numbers and arrays, are their means; of a `Ratio`
    it is the ratio of the sums. What is computed for one part is in memory at a time.
    """
    if parts == 1:
        return function(state, batch)
    pieces = jax.tree_util.tree_map_with_path(partial(_cut, parts), batch)
    first = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape[1:], leaf.dtype), pieces)

    # Traced once: a scan must know beforehand what comes out.
    jaxpr, shapes = jax.make_jaxpr(function, return_shape=True)(specs(state), first)
    _check_same(state, shapes[0])

    def add(carry, piece):
        state, total = carry
        leaves = jax.core.eval_jaxpr(jaxpr.jaxpr, jaxpr.consts, *jax.tree.leaves((state, piece)))
        state, values = jax.tree.unflatten(jax.tree.structure(shapes), leaves)
        return (state, jax.tree.map(jnp.add, total, values)), None

    # XLA leaves its fast path for a convolution in a loop on CPU.
    slow = jax.default_backend() == "cpu" and has_convolution(jaxpr.jaxpr)
    begin = state, jax.tree.map(_zeros, shapes[1])
    (state, total), _ = lax.scan(add, begin, pieces, unroll=parts if slow else 1)
    return state, jax.tree.map(
        lambda shape, total: _mean(shape, total, parts), shapes[1], total, is_leaf=_is_ratio
    )


def _cut(parts: int, path, leaf):
    rows = jnp.shape(leaf)[0] if jnp.ndim(leaf) else 0
    if not rows or rows % parts:
        raise ValueError(
            f"accumulate = {parts} must divide the rows of a batch, but "
            f"batch{jax.tree_util.keystr(path)} is {short(leaf)}"
        )
    return jnp.reshape(leaf, (parts, rows // parts, *jnp.shape(leaf)[1:]))


def _zeros(value):
    """To add up in float32 at least."""
    return jnp.zeros(value.shape, jnp.promote_types(value.dtype, jnp.float32))


def _mean(value, total, parts: int):
    if _is_ratio(value):
        return total
    mean = total / parts
    return mean.astype(value.dtype) if jnp.issubdtype(value.dtype, jnp.inexact) else mean


def _is_ratio(value) -> bool:
    return isinstance(value, Ratio)


def _check_same(before: Tree, after: Tree) -> None:
    old, new = (dict(jax.tree_util.tree_leaves_with_path(state)) for state in (before, after))
    for path in {**old, **new}:
        was, now = (short(tree[path]) if path in tree else "nothing" for tree in (old, new))
        if was != now:
            raise ValueError(
                f"a step changes state{jax.tree_util.keystr(path)} from {was} to {now}; "
                "shapes and types must stay as they are"
            )
