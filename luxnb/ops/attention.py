"""Scaled dot-product attention in two halves: the weights, and the sum of the values they weigh.

Arrays are (batch, length, heads, dims). Keys and values may have fewer heads than the queries, each
shared by a group of neighbours. Between the halves there is room to look, or for dropout.

A. Vaswani et al., Attention Is All You Need, NeurIPS 2017.
J. Ainslie et al., GQA, EMNLP 2023 (heads in groups).
"""

import math

import jax
import jax.numpy as jnp

from luxnb.core.types import Array


def attention_weights(
    query: Array, key: Array, mask: Array | None = None, *, may_be_alone: bool = True
) -> Array:
    """softmax(q · kᵀ / √dims) over the keys that `mask` allows, (batch, heads, queries, keys).

    `mask` has these four axes, some perhaps of size 1; True: may attend. A query that may attend
    to nothing has weights of zero; where there is none such, which `may_be_alone=False` says, a
    pass over the weights is saved. The softmax is taken in at least float32.
    """
    batch, queries, heads, dims = query.shape
    precise = jnp.promote_types(query.dtype, jnp.float32)
    rows = _stack_groups(query.swapaxes(1, 2) / math.sqrt(dims), key.shape[2])
    scores = jnp.einsum("bhqd,bkhd->bhqk", rows, key, preferred_element_type=precise)
    scores = scores.reshape(batch, heads, queries, key.shape[1])
    if mask is None:
        return jax.nn.softmax(scores).astype(query.dtype)
    # Finite where masked: a row of -inf would have NaN for weights and for gradients.
    weights = jax.nn.softmax(jnp.where(mask, scores, jnp.finfo(precise).min))
    return (jnp.where(mask, weights, 0) if may_be_alone else weights).astype(query.dtype)


def weighted_sum(weights: Array, value: Array) -> Array:
    """Σ_k weights[…, q, k] · value[k] for each head, (batch, queries, heads, dims)."""
    batch, heads, queries, _ = weights.shape
    rows = _stack_groups(weights, value.shape[2])
    sums = jnp.einsum("bhqk,bkhd->bhqd", rows, value)
    return sums.reshape(batch, heads, queries, value.shape[3]).swapaxes(1, 2)


def _stack_groups(x: Array, kv_heads: int) -> Array:
    """(batch, heads, length, n) as (batch, kv_heads, group · length, n): heads that share their
    keys are more rows of one product."""
    batch, _, _, n = x.shape
    return x.reshape(batch, kv_heads, -1, n)


def causal_mask(queries: int, keys: int, start: int | Array = 0) -> Array:
    """(queries, keys): a query at place start + i may attend to the keys at places ≤ start + i."""
    return jnp.arange(keys)[None, :] <= start + jnp.arange(queries)[:, None]
