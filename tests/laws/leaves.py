"""Leaves of floats among others: labels, masks and keys are not differentiated and not cast."""

import jax
import jax.numpy as jnp


def is_float(value) -> bool:
    return jnp.issubdtype(value.dtype, jnp.floating)


def floats(tree) -> set[str]:
    """The dtypes of the floats in a pytree."""
    return {str(leaf.dtype) for leaf in jax.tree.leaves(tree) if is_float(leaf)}


def cast(tree, dtype):
    """The same with every array of floats in `dtype`."""
    return jax.tree.map(lambda v: v.astype(dtype) if is_float(v) else v, tree)


def split_floats(tree):
    """The list of its float leaves, and a function that puts such a list in their places."""
    leaves, structure = jax.tree.flatten(tree)
    places = [i for i, leaf in enumerate(leaves) if is_float(leaf)]

    def join(floats):
        given = dict(zip(places, floats, strict=True))
        return structure.unflatten([given.get(i, leaf) for i, leaf in enumerate(leaves)])

    return [leaves[i] for i in places], join
