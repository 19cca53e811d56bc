"""Dense against NumPy, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("batch", [(), (2,), (2, 5), (0,)], ids=str)
def test_against_numpy(batch):
    layer = lx.Dense(3, 4, jnp.tanh)
    ps, st = layer.init(0)
    x = RNG.normal(size=(*batch, 3)).astype(np.float32)
    expected = np.tanh(x @ np.asarray(ps.weight) + np.asarray(ps.bias))
    y, new = layer(x, ps, st)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-6)
    assert new is st


def test_without_bias():
    layer = lx.Dense(3, 4, use_bias=False)
    ps, st = layer.init(0)
    assert list(ps) == ["weight"]
    np.testing.assert_array_equal(layer(jnp.zeros((2, 3)), ps, st)[0], np.zeros((2, 4)))


def test_integers_are_numbers():
    layer = lx.Dense(2, 1, init_weight=lx.init.ones(), init_bias=lx.init.zeros())
    y, _ = layer(jnp.array([[3, 4]]), *layer.init(0))
    np.testing.assert_array_equal(y, [[7.0]])


def test_the_range_of_fresh_parameters():
    """U(±1/√in_dims) for both, as PyTorch."""
    ps, _ = lx.Dense(64, 1000).init(0)
    for drawn in (ps.weight, ps.bias):
        scaled = np.asarray(drawn, float).ravel() * 8
        assert np.abs(scaled).max() <= 1
        assert scipy.stats.kstest(scaled, scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-3
    assert not np.isin(ps.bias, ps.weight).all()


def test_initialisers():
    ps, _ = lx.Dense(2, 3, init_weight=lx.init.ones(), init_bias=lx.init.zeros()).init(0)
    np.testing.assert_array_equal(ps.weight, np.ones((2, 3)))
    np.testing.assert_array_equal(ps.bias, np.zeros(3))


def test_an_initialiser_may_be_any_function():
    layer = lx.Dense(2, 3, init_weight=lambda key, shape: jnp.full(shape, 2.0))
    np.testing.assert_array_equal(layer.init(0)[0].weight, np.full((2, 3), 2))


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3", (3,), None], ids=repr)
@pytest.mark.parametrize("name", ["in_dims", "out_dims"])
def test_sizes(name, value):
    sizes = {"in_dims": 2, "out_dims": 3} | {name: value}
    with pytest.raises(ValueError, match=rf"Dense\.{name} must be a positive integer, got .*"):
        lx.Dense(**sizes)


def test_numpy_sizes():
    assert lx.Dense(np.int64(2), np.int32(3)) == lx.Dense(2, 3)


@pytest.mark.parametrize(
    ("x", "shown"),
    [(jnp.ones((2, 4)), r"f32\[2,4\]"), (jnp.ones(()), r"f32\[\]"), ([1.0, 2.0], r"\(1.0, 2.0\)")],
    ids=["width", "no axes", "list"],
)
def test_inputs_of_another_shape(x, shown):
    layer = lx.Dense(3, 4)
    with pytest.raises(
        ValueError, match=rf"expected x of shape \(…, 3\), in_dims = 3; got {shown}"
    ):
        layer(x, *layer.init(0))


def test_the_activation_is_a_function():
    with pytest.raises(TypeError, match=r"Dense\.activation must be a function, got 'relu'"):
        lx.Dense(2, 3, "relu")
    with pytest.raises(
        TypeError,
        match=r"Dense\.activation must be a function, got a layer; "
        r"put it in a Chain: Dropout\(0\.1\)",
    ):
        lx.Dense(2, 3, lx.Dropout(0.1))
    with pytest.raises(
        TypeError, match=r"Dense\.activation must be a function, got a class of layers: Dropout"
    ):
        lx.Dense(2, 3, lx.Dropout)


@pytest.mark.parametrize("name", ["init_weight", "init_bias"])
def test_initialisers_are_functions(name):
    with pytest.raises(TypeError, match=rf"Dense\.{name} is the class ones; write ones\(\)"):
        lx.Dense(2, 3, **{name: lx.init.ones})
    with pytest.raises(
        TypeError, match=rf"Dense\.{name} must be a function \(key, shape\) -> array, got 'ones'"
    ):
        lx.Dense(2, 3, **{name: "ones"})


def test_the_gradient_of_a_sum():
    layer = lx.Dense(3, 2)
    ps, st = layer.init(0)
    x = jnp.asarray(RNG.normal(size=(5, 3)), jnp.float32)
    gradient = jax.grad(lambda ps: layer(x, ps, st)[0].sum())(ps)
    np.testing.assert_allclose(gradient.bias, [5, 5])
    np.testing.assert_allclose(gradient.weight[:, 0], np.asarray(x).sum(0), rtol=1e-5)
