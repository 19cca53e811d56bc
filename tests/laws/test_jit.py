"""Law: compiling changes nothing but the last bits, and the same program gives the same bits."""

import pickle

import jax

from tests.laws.specimen import compiled
from tests.same import assert_close, assert_same


def test_jit_equals_eager(specimen):
    ps, st = specimen.made
    assert_close(compiled(specimen.layer, specimen.x, ps, st), specimen.layer(specimen.x, ps, st))


def test_compiled_twice_gives_the_same_bits(specimen):
    ps, st = specimen.made

    def again(x, ps, st):
        return specimen.layer(x, ps, st)

    expected = compiled(specimen.layer, specimen.x, ps, st)
    assert_same(jax.jit(again)(specimen.x, ps, st), expected)


def test_an_equal_layer_and_the_next_state_are_not_compiled_again(specimen):
    ps, st = specimen.made
    traced = []

    @jax.jit
    def call(layer, x, ps, st):
        traced.append(layer)
        return layer(x, ps, st)

    _, st = call(specimen.layer, specimen.x, ps, st)
    equal = pickle.loads(pickle.dumps(specimen.layer))
    assert equal is not specimen.layer
    call(equal, specimen.x, ps, st)
    assert len(traced) == 1


def test_nothing_leaks_out_of_a_trace(specimen):
    ps, st = specimen.made

    def one(x):
        return specimen.layer(x, ps, st)

    with jax.checking_leaks():
        jax.eval_shape(jax.vmap(one), jax.tree.map(lambda v: v[None], specimen.x))
