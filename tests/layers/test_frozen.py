"""Frozen: what is a parameter and what is not, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from tests.same import assert_same

MODEL = lx.Chain(lx.Dense(3, 4, jnp.tanh), lx.Dropout(0.5), lx.Dense(4, 2))
X = jnp.asarray(np.random.default_rng(0).normal(size=(5, 3)), jnp.float32)
NAMES = [None, ("layer_1",), ("layer_3.bias", "layer_1.weight"), ("layer_1", "layer_1.bias")]


@pytest.mark.parametrize("names", NAMES, ids=repr)
def test_it_is_the_same_function(names):
    frozen, plain = lx.Frozen(MODEL, names), lx.Chain(layer=MODEL)
    y, st = frozen(X, *frozen.init(0))
    expected, expected_st = plain(X, *plain.init(0))
    assert_same(y, expected)
    assert_same(st.layer, expected_st.layer)


def test_what_is_frozen_has_no_gradient_and_does_not_change():
    layer = lx.Frozen(MODEL, ("layer_1", "layer_3.bias"))
    ps, st = layer.init(0)
    step = lx.train_step(lx.losses.mse, optax.adam(0.1))
    ts = lx.TrainState.create(layer, optax.adam(0.1), params=ps, state=st)
    assert lx.count(ps) == 8 and lx.count(st) == 3 * 4 + 4 + 2
    new, _ = step(ts, (X, jnp.ones((5, 2))))
    assert_same(new.state.frozen, st.frozen)
    assert not np.array_equal(new.params.layer.layer_3.weight, ps.layer.layer_3.weight)


def test_gradients_by_x_go_through():
    layer = lx.Frozen(lx.Dense(3, 2))
    ps, st = layer.init(0)
    gradient = jax.grad(lambda x: layer(x, ps, st)[0].sum())(X)
    expected = np.broadcast_to(np.asarray(st.frozen.weight).sum(1), X.shape)
    np.testing.assert_allclose(gradient, expected, rtol=1e-5)


def test_the_order_of_names_does_not_matter_to_what_is_frozen():
    one, other = (lx.Frozen(MODEL, n) for n in (("layer_1", "layer_3"), ("layer_3", "layer_1")))
    assert_same(one.init(0), other.init(0))


def test_wrappers_of_wrappers():
    layer = lx.Frozen(lx.Frozen(MODEL, ("layer_1",)), ("layer.layer_3.bias",))
    ps, st = layer.init(0)
    assert lx.count(ps) == 8
    assert layer(X, ps, st)[0].shape == (5, 2)


def test_mixed_precision_is_that_of_the_other_parameters_or_of_x():
    whole, part = lx.Frozen(lx.Dense(3, 2)), lx.Frozen(lx.Dense(3, 2), ("weight",))
    for layer, x in ((whole, X.astype(jnp.bfloat16)), (part, X.astype(jnp.bfloat16))):
        ps, st = layer.init(0)
        y, new = layer(x, lx.cast(ps, jnp.bfloat16), st)
        assert y.dtype == jnp.bfloat16
        assert new.frozen.weight.dtype == jnp.float32
    ps, st = part.init(0)
    plain, _ = lx.Dense(3, 2)(X.astype(jnp.bfloat16), {"weight": st.frozen.weight, **ps.layer}, {})
    assert_same(part(X.astype(jnp.bfloat16), ps, st)[0], plain)


def test_the_view_shows_both():
    layer = lx.Frozen(lx.Dense(3, 2), ("weight",))
    for view in (str(layer), lx.view(layer, *layer.init(0)).text):
        assert "Total: 2 parameters (8 B), plus 6 frozen (24 B)" in view
        assert "✗" not in view


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("layer_1.wieght", "did you mean 'layer_1.weight'"),
        ("layer_2", "did you mean 'layer_[13]'"),  # dropout has no parameters
        ("weight", "did you mean 'layer_[13].weight'"),
    ],
)
def test_names_of_nothing(name, close):
    with pytest.raises(ValueError, match=rf"Frozen\.names: Chain has nothing at '{name}'; {close}"):
        lx.Frozen(MODEL, (name,))


@pytest.mark.parametrize("names", ["layer_1", (), (1,), {"layer_1": "weight"}.keys()], ids=repr)
def test_names_are_a_tuple(names):
    with pytest.raises(
        (ValueError, TypeError),
        match=r"Frozen\.names must be (None or a tuple of paths of parameters, such as|hashable)",
    ):
        lx.Frozen(MODEL, names)


def test_layers():
    with pytest.raises(TypeError, match=r"Frozen\.layer must be a layer, got .*sin"):
        lx.Frozen(jnp.sin)
