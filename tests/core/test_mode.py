"""Mode: a static node in the state, set by its type and never by a name."""

import pickle

import jax
import pytest

import luxnb as lx


def test_it_is_structure():
    train, test = lx.Tree(mode=lx.Mode.TRAIN), lx.Tree(mode=lx.Mode.TEST)
    assert jax.tree.leaves(train) == []
    assert jax.tree.structure(train) != jax.tree.structure(test)
    assert jax.jit(lambda st: st)(test).mode is lx.Mode.TEST


def test_only_modes_are_mapped():
    state = {"mode": "train", "deep": [lx.Tree(m=lx.Mode.TRAIN)], "other": lx.Mode.TRAIN}
    mapped = lx.testmode(state)
    assert mapped["mode"] == "train"
    assert mapped["deep"][0].m is lx.Mode.TEST
    assert mapped["other"] is lx.Mode.TEST
    assert state["other"] is lx.Mode.TRAIN
    assert lx.trainmode(mapped)["deep"][0].m is lx.Mode.TRAIN


def test_it_pickles_and_prints():
    assert pickle.loads(pickle.dumps(lx.Mode.TEST)) is lx.Mode.TEST
    assert repr(lx.Mode.TEST) == "Mode.TEST"


@pytest.mark.parametrize("set_mode", [lx.testmode, lx.trainmode])
def test_a_model_has_no_mode(set_mode):
    with pytest.raises(
        TypeError, match=r"the mode lives in the state, not in the model: got Dropout\(0.1\)"
    ):
        set_mode(lx.Dropout(0.1))
