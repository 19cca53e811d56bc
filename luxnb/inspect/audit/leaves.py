"""Pytrees compared leaf by leaf, to the bit or nearly; what differs is said in words."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import is_array, is_key, short

# Of the largest element: how far rounding alone may take results apart.
_ROUNDING = {"float64": 1e-9, "complex128": 1e-9, "float16": 5e-2, "bfloat16": 5e-2}
_USUAL_ROUNDING = 2e-4


def named(tree, root: str) -> list[tuple[str, Any]]:
    """Each leaf with the path by which Python reaches it from `root`: `ps.layer_1.weight`."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return [(root + jax.tree_util.keystr(path), leaf) for path, leaf in leaves]


def numbers(leaf) -> np.ndarray:
    """A leaf as NumPy's; of a random key its data."""
    return np.asarray(jax.random.key_data(leaf) if is_key(leaf) else leaf)


def same(one, other) -> bool:
    """Whether two leaves have the same shape, dtype and bits."""
    if is_array(one) != is_array(other):
        return False
    if not is_array(one):
        return one is other or one == other
    a, b = numbers(one), numbers(other)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def close(one, other) -> bool:
    """Whether two leaves have the same shape and dtype, and numbers that only rounding parts."""
    if same(one, other):
        return True
    if not is_array(one) or not is_array(other) or short(one) != short(other) or is_key(one):
        return False
    if not jnp.issubdtype(one.dtype, jnp.inexact):
        return False
    a, b = _wide(one), _wide(other)
    rounding = _ROUNDING.get(str(one.dtype), _USUAL_ROUNDING)
    finite = np.abs(a[np.isfinite(a)])
    margin = rounding * max(finite.max(initial=0.0), 1e-2)
    return bool(np.allclose(a, b, rtol=rounding, atol=margin, equal_nan=True))


def parted(one, other, root: str, alike: Callable = same) -> list[str]:
    """`y f32[4,3] by up to 1.3` for each leaf that is not alike in the two."""
    if jax.tree.structure(one) != jax.tree.structure(other):
        return [f"{root} by its structure"]
    pairs = zip(named(one, root), jax.tree.leaves(other), strict=True)
    return [f"{path} {_how(a, b)}" for (path, a), b in pairs if not alike(a, b)]


def differences(one, other, alike: Callable = same) -> list[str]:
    """The same of two pairs of output and state."""
    pairs = zip(one, other, ("y", "st"), strict=True)
    return [words for a, b, root in pairs for words in parted(a, b, root, alike)]


def _how(one, other) -> str:
    if short(one) != short(other):
        return f"by its form, {short(one)} against {short(other)}"
    return f"{short(one)}{by_up_to(one, other)}" if is_array(one) else ""


def by_up_to(one, other) -> str:
    """` by up to 1.3`; nothing for keys, whose numbers have no size."""
    if is_key(one):
        return ""
    apart = np.abs(_wide(one) - _wide(other))
    if not np.isfinite(apart).all():
        return " by NaN or infinity"
    return f" by up to {apart.max(initial=0.0):.2g}"


def _wide(leaf) -> np.ndarray:
    array = np.asarray(leaf)
    wide = np.complex128 if np.iscomplexobj(array) else np.float64
    return array.astype(wide)


def listed(words: list[str], most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def forms(tree, root: str) -> dict[str, str]:
    """Each leaf's shape and dtype as text, by path."""
    return {path: short(leaf) for path, leaf in named(tree, root)}
