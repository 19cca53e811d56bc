"""What attention is given: queries, keys, values and masks, brought to one form and checked."""

import functools
import itertools
import operator
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp

from luxnb.core.spec import is_array, short
from luxnb.core.types import Array
from luxnb.ops.attention import causal_mask


class AttentionInput(NamedTuple):
    """Queries (batch, q, …), keys and values (batch, kv, …), and the masks as they were given."""

    query: Array
    key: Array
    value: Array
    mask: Array | None = None
    key_mask: Array | None = None


NAMES = AttentionInput._fields


def attention_input(x: Any, dims: tuple[int, int, int]) -> AttentionInput:
    """From x, (q, kv), (q, k, v) or a dict with some of `NAMES`; `dims` are those of q, k and v."""
    if isinstance(x, tuple) and 2 <= len(x) <= 3:
        given: dict[str, Any] = dict(zip(NAMES, x, strict=False))
    else:
        given = dict(x) if isinstance(x, Mapping) else {"query": x}
    if not given.keys() <= set(NAMES) or "query" not in given:
        raise ValueError(f"expected x to be a dict of some of {NAMES}; got {short(x)}")
    given.setdefault("key", given["query"])
    given.setdefault("value", given["key"])
    found = AttentionInput(**given)
    _check_sequences(x, found, dims)
    return found


def _check_sequences(x, found: AttentionInput, dims: tuple[int, int, int]) -> None:
    query, key, value = (_shape(array) for array in found[:3])
    if (
        (query[2:], key[2:], value[2:]) != tuple((n,) for n in dims)
        or key[:2] != value[:2]
        or query[0] != key[0]
    ):
        q, k, v = dims
        raise ValueError(
            f"expected query (batch, q, {q}), key (batch, kv, {k}) and value (batch, kv, {v}); "
            f"got {short(x)}"
        )


def joint_mask(
    given: AttentionInput, heads: int, keys: int, causal: bool, start: Array | None
) -> Array | None:
    """All masks as one, (batch, heads, q, kv) with some of these axes perhaps of size 1.

    If `causal`, `start` is the place of the first query among the keys, or None for 0.
    """
    batch, queries, _ = given.query.shape
    masks = []
    if given.mask is not None:
        masks.append(_with_four_axes(given.mask, batch, heads, queries, keys))
    if given.key_mask is not None:
        if not _is_mask(given.key_mask) or given.key_mask.shape != (batch, keys):
            raise ValueError(
                f"expected key_mask bool[{batch},{keys}], (batch, kv); got {short(given.key_mask)}"
            )
        masks.append(jnp.asarray(given.key_mask)[:, None, None, :])
    if causal:
        masks.append(causal_mask(queries, keys, 0 if start is None else start)[None, None])
    return functools.reduce(operator.and_, masks) if masks else None


def _with_four_axes(mask, batch: int, heads: int, queries: int, keys: int) -> Array:
    """(q, kv), (batch, q, kv) or (batch, heads, q, kv) as the last of these."""
    shape = _shape(mask)
    outer = (*shape[:-2], 1, 1)[: max(2, len(shape) - 2)]  # (batch, heads), each perhaps 1
    if (
        not _is_mask(mask)
        or shape[-2:] != (queries, keys)
        or outer not in set(itertools.product((1, batch), (1, heads)))
    ):
        raise ValueError(
            f"expected mask bool[{queries},{keys}], bool[{batch},{queries},{keys}] or "
            f"bool[{batch},{heads},{queries},{keys}], ((batch, heads,) q, kv); got {short(mask)}"
        )
    return jnp.asarray(mask).reshape(*outer, queries, keys)


def _shape(value) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def _is_mask(value) -> bool:
    return is_array(value) and value.dtype == bool
