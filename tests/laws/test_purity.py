"""Law: a call is a pure function. The same inputs give the same bits, and stay as they were."""

import copy

import jax
import numpy as np

from tests.same import assert_same, bits


def test_the_same_inputs_give_the_same_bits(specimen):
    ps, st = specimen.made
    assert_same(specimen.layer(specimen.x, ps, st), specimen.layer(specimen.x, ps, st))


def test_inputs_are_left_alone(specimen):
    ps, st = specimen.made
    x = jax.tree.map(np.array, specimen.x)  # NumPy arrays could be written to
    dicts = ps.to_dict(), st.to_dict()
    before = copy.deepcopy(bits((x, ps, st)))
    specimen.layer(x, ps, st)
    assert bits((x, ps, st)) == before
    assert jax.tree.all(jax.tree.map(lambda a, b: a is b, dicts, (ps.to_dict(), st.to_dict())))


def test_init_is_a_function_of_the_key(specimen):
    assert_same(specimen.layer.init(0), specimen.made)
    assert_same(specimen.layer.init(jax.random.key(0)), specimen.made)
