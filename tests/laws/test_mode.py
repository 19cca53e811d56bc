"""Law: the mode is data in the state, set by type, and testing changes no state that was learnt."""

import jax

import luxnb as lx
from tests.laws.specimen import TRAIN, compiled
from tests.same import assert_same, bits


def modes(tree):
    if isinstance(tree, lx.Tree):
        return [mode for value in tree.values() for mode in modes(value)]
    return [tree] if isinstance(tree, lx.Mode) else []


def test_modes_are_set_by_type(specimen):
    _, st = specimen.made
    test = lx.testmode(st)
    assert modes(st) == [TRAIN] * len(modes(st))
    assert modes(test) == [lx.Mode.TEST] * len(modes(st))
    assert bits(test) == bits(st)  # the arrays are the same
    assert_same(lx.trainmode(test), st)


def test_testing_leaves_modes_and_keys_and_running_values(specimen):
    ps, st = specimen.made
    test = lx.testmode(st)
    _, new = compiled(specimen.layer, specimen.x, ps, test)
    if specimen.remembers:
        assert modes(new) == modes(test)
    else:
        assert_same(new, test)


def test_one_program_for_each_mode(specimen):
    _, st = specimen.made
    traced = []

    @jax.jit
    def look(st):
        traced.append(st)

    for state in (st, lx.testmode(st), lx.trainmode(st), lx.testmode(st)):
        look(state)
    assert len(traced) == (2 if modes(st) else 1)
