"""Counts by closed formulas, of layers and of values."""

import jax
import jax.numpy as jnp
import numpy as np

from luxnb import BatchNorm, Chain, Dense, Dropout, Mode, Tree
from luxnb.inspect.count import Tally, count, nbytes, tally
from luxnb.inspect.walk import walk, walk_tree

MLP = Chain(Dense(784, 256), BatchNorm(256), Dropout(0.2), Dense(256, 10))
PARAMETERS = 784 * 256 + 256 + 2 * 256 + 256 * 10 + 10


def test_parameters_of_a_layer():
    assert count(MLP) == PARAMETERS
    assert nbytes(MLP) == 4 * PARAMETERS


def test_elements_of_trees_without_keys_and_modes():
    params, state = MLP.init(0)
    assert count(params) == PARAMETERS
    assert count(state) == 2 * 256
    assert count(Tree(key=jax.random.key(0), mode=Mode.TEST, name="x", none=None)) == 0


def test_bytes_follow_the_dtype():
    tree = Tree(a=jnp.ones(3, jnp.bfloat16), b=np.ones((2, 2)), c=jnp.ones((), bool))
    assert (count(tree), nbytes(tree)) == (3 + 4 + 1, 6 + 32 + 1)


def test_any_pytree_will_do():
    assert count([jnp.ones(2), (jnp.ones((3, 4)), {"a": 1.0})]) == 14
    assert count(jnp.ones((5, 6))) == 30


def test_an_array_met_twice_is_counted_once():
    w = jnp.ones((2, 3))
    assert count(Tree(a=Tree(w=w), b=Tree(w=w), c=jnp.ones((2, 3)))) == 12
    assert tally(walk_tree(Tree(a=Tree(w=w), b=Tree(w=w)))).parameters == 6


def test_equal_shapes_are_not_one_array():
    spec = jax.ShapeDtypeStruct((2, 3), jnp.float32)
    assert count(Tree(a=spec, b=spec)) == 12


def test_the_tally_of_a_model():
    assert tally(walk(MLP)) == Tally(PARAMETERS, 4 * PARAMETERS, states=512, state_bytes=2048)


def test_counting_reads_no_value():
    params, _ = Dense(2, 3).init(0)
    params.weight.delete()
    assert count(params) == 9
