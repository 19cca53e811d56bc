"""Law: the state that goes out has the structure, shapes and dtypes of the state that came in."""

import jax

import luxnb as lx
from tests.laws.specimen import compiled
from tests.same import assert_close, assert_same, signature


def test_the_structure_is_kept(specimen):
    ps, st = specimen.made
    for state in (st, lx.testmode(st)):
        _, new = compiled(specimen.layer, specimen.x, ps, state)
        assert isinstance(new, lx.Tree)
        assert jax.tree.structure(new) == jax.tree.structure(state)
        assert signature(new) == signature(state)


def test_the_state_can_be_carried_by_scan(specimen):
    ps, st = specimen.made

    def step(state, x):
        y, state = specimen.layer(x, ps, state)
        return state, y

    xs = specimen.inputs(2)
    stacked = jax.tree.map(lambda *v: jax.numpy.stack(v), *xs)
    last, _ = jax.jit(lambda st, xs: jax.lax.scan(step, st, xs))(st, stacked)
    expected = st
    for x in xs:
        _, expected = compiled(specimen.layer, x, ps, expected)
    assert_close(last, expected)


def test_dicts_do_for_trees(specimen):
    ps, st = specimen.made
    y, new = specimen.layer(specimen.x, ps.to_dict(), st.to_dict())
    assert isinstance(new, lx.Tree)
    assert_same((y, new), specimen.layer(specimen.x, ps, st))
