"""stats: of one array, of Trees and other pytrees, of a model with parameters and state."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from luxnb import BatchNorm, Chain, Dense, Dropout, Frozen, Stateful, Tree, stats
from luxnb.inspect import stats as module
from luxnb.inspect.statistics import Statistics
from luxnb.inspect.stats import StatisticsTree

MODEL = Chain(Dense(20, 30), BatchNorm(30), Dropout(0.5), head=Dense(30, 2))
PARAMS, STATE = MODEL.init(0)


def test_of_an_array():
    found = stats(jnp.arange(5.0))
    assert isinstance(found, Statistics)
    assert (found.mean, found.size) == (2.0, 5)
    assert stats(np.ones((300, 300)), exact=True).looked_at == 90_000


def test_of_a_tree_every_array_by_its_path():
    found = stats(PARAMS)
    assert isinstance(found, StatisticsTree)
    expected = {
        ".".join(key.name for key in place): np.asarray(leaf)
        for place, leaf in jax.tree_util.tree_leaves_with_path(PARAMS)
    }
    assert list(found) == list(expected) and len(found) == 6
    for path, values in expected.items():
        np.testing.assert_allclose(found[path].mean, values.mean(dtype=float), atol=1e-12)
        assert found[path].shape == values.shape


def test_of_a_model_its_state_has_a_sign():
    found = stats(MODEL, PARAMS, STATE)
    assert list(found) == [
        *("layer_1.weight", "layer_1.bias", "layer_2.scale", "layer_2.bias"),
        *("layer_2.~running_mean", "layer_2.~running_var", "head.weight", "head.bias"),
    ]
    assert found["layer_2.~running_var"].mean == 1
    assert list(stats(Stateful(MODEL, PARAMS, STATE))) == list(found)
    assert list(stats(MODEL, PARAMS)) == list(stats(PARAMS))


def test_what_is_frozen_is_looked_at():
    model = Frozen(Dense(3, 4))
    found = stats(model, *model.init(0))
    weights = [each for path, each in found.items() if path.endswith("weight")]
    assert [each.shape for each in weights] == [(3, 4)]


def test_of_an_optimisers_state():
    found = stats(optax.adam(1e-3).init(PARAMS))
    assert {"0.count", "0.mu.layer_1.weight", "0.nu.head.bias"} <= set(found)
    assert len(found) == 13


def test_of_any_pytree():
    found = stats({"a.b": [jnp.ones(2), (jnp.zeros(3), 1.5)], "c": None})
    assert {path: each.size for path, each in found.items()} == {"a.b.0": 2, "a.b.1.0": 3}


def test_arrays_in_one_entry():
    model = Chain(Dense(2, 3))
    _, state = model.init(0)
    carry = state.replace(layer_1=Tree(carry=(jnp.ones(4), jnp.zeros(5))))
    found = stats(model, model.init(0)[0], carry)
    assert found["layer_1.~carry.0"].mean == 1 and found["layer_1.~carry.1"].size == 5


def test_an_array_that_is_met_twice_is_looked_at_once(monkeypatch):
    looked = []
    monkeypatch.setattr(
        module, "statistics", lambda array, exact: looked.append(array) or Statistics(
            shape=array.shape, dtype=array.dtype
        )
    )  # fmt: skip
    weight = jnp.ones((2, 3))
    found = stats(Tree(a=Tree(w=weight), b=Tree(w=weight)))
    assert len(looked) == 1
    assert found["a.w"] is found["b.w"]


def test_no_array_is_kept():
    weight = jnp.ones((2, 3))
    found = stats(Tree(w=weight))
    leaves = jax.tree.leaves(list(found.root.params.values()))
    assert [type(leaf) for leaf in leaves] == [Statistics]


def test_a_wrong_path():
    with pytest.raises(KeyError, match=r"no array at 'layer_1.wieght'; did you mean 'layer_1.wei"):
        stats(PARAMS)["layer_1.wieght"]


def test_what_cannot_be_looked_at():
    with pytest.raises(TypeError, match=r"^Chain holds no arrays itself: write stats\(model, par"):
        stats(MODEL)
    with pytest.raises(TypeError, match=r"go with a layer, got \{w: f32\[2\]\}: write stats\(mo"):
        stats({"w": jnp.ones(2)}, {"w": jnp.ones(2)})
    with pytest.raises(TypeError, match=r"^stats needs an array or a pytree of arrays, got 3$"):
        stats(3)


def test_a_wrong_tree_is_shown_as_it_is():
    found = stats(MODEL, PARAMS.replace(head=Tree(weight=jnp.ones((3, 3)))), STATE)
    assert found["head.weight"].shape == (3, 3)
    assert "expected weight f32[30,2]" in found.root.children[-1].faults[-1]
