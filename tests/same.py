"""Equality of pytrees, to the bit or nearly."""

import jax
import numpy as np

from luxnb.core.spec import is_key


def plain(value):
    """A leaf as a NumPy array; a random key as its data."""
    return np.asarray(jax.random.key_data(value) if is_key(value) else value)


def bits(tree) -> list:
    """Path, dtype, shape and bytes of each leaf: equal lists, equal values to the bit."""
    leaves = [(p, plain(v)) for p, v in jax.tree_util.tree_leaves_with_path(tree)]
    return [(jax.tree_util.keystr(p), str(a.dtype), a.shape, a.tobytes()) for p, a in leaves]


def assert_same(one, other):
    """Equal structure, equal bits."""
    assert jax.tree.structure(one) == jax.tree.structure(other)
    assert bits(one) == bits(other)


def assert_close(one, other, rtol=2e-5, atol=2e-6):
    """Equal structure, numbers equal but for rounding, random keys equal to the bit."""
    assert jax.tree.structure(one) == jax.tree.structure(other)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        if is_key(a):
            np.testing.assert_array_equal(plain(a), plain(b))
        else:
            np.testing.assert_allclose(plain(a), plain(b), rtol=rtol, atol=atol)


def signature(tree) -> list:
    """Path, shape and dtype of each leaf."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return [(jax.tree_util.keystr(path), v.shape, v.dtype) for path, v in leaves]
