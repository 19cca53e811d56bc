"""What a recurrent layer may be given: sequences, and beside them a carry and where they end."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from luxnb.core.spec import is_array, short

NAMES = {"x", "carry", "lengths", "mask"}


class Sequences(NamedTuple):
    """x (batch, time, …), zero where there is none; the carry to begin with; mask (batch, time)."""

    x: Any
    carry: Any | None
    mask: jax.Array | None


def sequences(given) -> Sequences:
    """x alone, or a dict of "x" and any of "carry", "lengths" (batch,) or "mask" (batch, time)."""
    if not isinstance(given, Mapping):
        return Sequences(_checked(given), None, None)
    if "x" not in given or not given.keys() <= NAMES or {"lengths", "mask"} <= given.keys():
        raise ValueError(
            'expected x, or a dict of "x" and any of "carry" and either "lengths" or "mask"; '
            f"got {short(given)}"
        )
    x = _checked(given["x"])
    mask = _mask(given, jax.tree.leaves(x)[0].shape[:2])
    if mask is not None:  # whatever the padding holds, NaN too, gets into no gradient
        x = jax.tree.map(lambda v: where(mask, v, jnp.zeros_like(v)), x)
    return Sequences(x, given.get("carry"), mask)


def where(mask, chosen, other):
    """`chosen` where the mask is true, for arrays with more axes behind the mask's."""
    return jnp.where(mask.reshape(mask.shape + (1,) * (chosen.ndim - mask.ndim)), chosen, other)


def matching(carry, initial):
    """A given carry as the initial one is: a Tree of the same names, the same shapes."""
    given = jax.tree.map(jnp.asarray, _in_order(carry, initial))
    if form(given) != form(initial):
        raise ValueError(f"expected a carry like {short(initial)}; got {short(carry)}")
    return given


def form(tree):
    """What two carries must have in common: the structure and the shapes."""
    return jax.tree.structure(tree), [leaf.shape for leaf in jax.tree.leaves(tree)]


def _in_order(carry, initial):
    is_named = isinstance(initial, Mapping) and isinstance(carry, Mapping)
    if not is_named or carry.keys() != initial.keys():
        return carry
    return type(initial)(**{name: _in_order(carry[name], initial[name]) for name in initial})


def _checked(x):
    """x, every array of which is (batch, time, …) and, if of floats, has features."""
    leaves = jax.tree.leaves(x)
    for leaf in leaves:
        if not is_array(leaf) or leaf.ndim < 2:
            raise ValueError(f"expected x of shape (batch, time, features); got {short(x)}")
        if leaf.ndim == 2 and jnp.issubdtype(leaf.dtype, jnp.floating):
            raise ValueError(
                f"expected x of shape (batch, time, features); got {short(x)}: "
                "write x[None] for a single sequence, x[..., None] for a single feature"
            )
    if len({leaf.shape[:2] for leaf in leaves}) != 1:
        raise ValueError(f"expected x of shape (batch, time, features); got {short(x)}")
    return jax.tree.map(jnp.asarray, x)


def _mask(given, shape: tuple[int, int]):
    """Where the sequences are, (batch, time); None if they all fill it."""
    if "lengths" in given:
        lengths = given["lengths"]
        kind = getattr(lengths, "dtype", object)
        if getattr(lengths, "shape", None) != shape[:1] or not jnp.issubdtype(kind, jnp.integer):
            raise ValueError(
                f"expected lengths as integers of shape {shape[:1]}; got {short(lengths)}"
            )
        return jnp.arange(shape[1], dtype=jnp.int32)[None] < lengths.astype(jnp.int32)[:, None]
    if "mask" in given:
        mask = given["mask"]
        if getattr(mask, "shape", None) != shape or mask.dtype != bool:
            raise ValueError(f"expected mask as booleans of shape {shape}; got {short(mask)}")
        return jnp.asarray(mask)
    return None
