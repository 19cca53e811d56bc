"""Dropout, AlphaDropout: a key in the state makes the mask, and the next one comes out."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx
from tests.same import assert_same

X = jnp.asarray(np.random.default_rng(0).normal(size=(100, 50)), jnp.float32)


def test_the_mask_and_its_scale():
    layer = lx.Dropout(0.3)
    y, _ = layer(X, *layer.init(0))
    kept = np.asarray(y) != 0
    assert scipy.stats.binomtest(int((~kept).sum()), kept.size, 0.3).pvalue > 1e-3
    np.testing.assert_allclose(np.asarray(y)[kept], np.asarray(X)[kept] / 0.7, rtol=1e-6)


def test_the_same_state_gives_the_same_mask_and_the_next_another():
    layer = lx.Dropout(0.5)
    ps, st = layer.init(0)
    y, new = layer(X, ps, st)
    assert_same(layer(X, ps, st), (y, new))
    assert (layer(X, ps, new)[0] != y).any()
    assert (jax.random.key_data(new.key) != jax.random.key_data(st.key)).any()
    agree = int(((np.asarray(y) == 0) == (np.asarray(layer(X, ps, new)[0]) == 0)).sum())
    assert scipy.stats.binomtest(agree, X.size, 0.5).pvalue > 1e-3


def test_two_of_them_drop_differently():
    model = lx.Chain(lx.Dropout(0.5), lx.Dropout(0.5))
    y, _ = model(jnp.ones(10_000), *model.init(0))
    zeros = int((y == 0).sum())
    assert scipy.stats.binomtest(zeros, y.size, 0.75).pvalue > 1e-3


BOTH = pytest.mark.parametrize("kind", [lx.Dropout, lx.AlphaDropout])


@BOTH
def test_identity_when_testing(kind):
    layer = kind(0.5)
    ps, st = layer.init(0)
    test = lx.testmode(st)
    y, new = layer(X, ps, test)
    assert y is X
    assert new is test


@BOTH
def test_rate_zero_is_the_identity(kind):
    layer = kind(0)
    ps, st = layer.init(0)
    y, new = layer(X, ps, st)
    assert y is X
    assert new is st


@BOTH
def test_rate_one_drops_all(kind):
    layer = kind(1)
    ps, st = layer.init(0)
    y, gradient = jax.value_and_grad(lambda x: layer(x, ps, st)[0].sum())(X)
    assert y == 0
    assert not gradient.any()


@pytest.mark.parametrize(
    ("axes", "drawn"),
    [
        (None, (6, 5, 4, 8)),
        ((0, 3), (6, 1, 1, 8)),
        ((0, -1), (6, 1, 1, 8)),
        ((-3,), (1, 5, 1, 1)),
        ((), (1, 1, 1, 1)),
        ((0, -4), (6, 1, 1, 1)),
    ],
    ids=str,
)
def test_the_mask_is_the_same_along_other_axes(axes, drawn):
    layer = lx.Dropout(0.5, axes=axes)
    x = jnp.ones((6, 5, 4, 8))
    y = np.asarray(layer(x, *layer.init(3))[0])
    first = y[tuple(slice(n) for n in drawn)]
    np.testing.assert_array_equal(y, np.broadcast_to(first, y.shape))
    assert set(np.unique(first)) <= {0, 2}
    assert first.size == 1 or len(np.unique(first)) == 2


@pytest.mark.parametrize("rate", [0.2, 0.7])
def test_channels_are_dropped_with_that_probability(rate):
    layer = lx.Dropout(rate, axes=(0, -1))
    y, _ = layer(jnp.ones((60, 2, 70)), *layer.init(0))
    zeros = int((np.asarray(y)[:, 0] == 0).sum())
    assert scipy.stats.binomtest(zeros, 60 * 70, rate).pvalue > 1e-3
    np.testing.assert_allclose(np.unique(y), [0, 1 / (1 - rate)], rtol=1e-6)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_and_variance(rate):
    layer = lx.AlphaDropout(rate)
    n = 200_000
    x = jax.random.normal(jax.random.key(1), (n,))
    y = np.asarray(layer(x, *layer.init(0))[0], float)
    error = np.sqrt(np.var(y) / n)
    assert abs(y.mean()) < 4 * error
    assert abs(y.var() - 1) < 4 * np.std((y - y.mean()) ** 2) / np.sqrt(n)


@BOTH
@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_rates(kind, rate):
    with pytest.raises(
        ValueError, match=rf"{kind.__name__}\.rate must lie in \[0, 1\], got {rate}"
    ):
        kind(rate)


KINDS = pytest.mark.parametrize("kind", [lx.Dropout, lx.VariationalHiddenDropout])


@KINDS
@pytest.mark.parametrize("axes", [0, (0, 0), (0.0,), (True,), "0"], ids=repr)
def test_axes(kind, axes):
    with pytest.raises(
        ValueError,
        match=rf"{kind.__name__}\.axes must be None or a tuple of different integers, got .*",
    ):
        kind(axes=axes)


@KINDS
@pytest.mark.parametrize(("axes", "least"), [((0, 3), 4), ((-3,), 3)])
def test_inputs_with_too_few_axes(kind, axes, least):
    layer = kind(axes=axes)
    with pytest.raises(
        ValueError,
        match=rf"expected x with at least {least} axes, axes = \({axes[0]},.*\); got f32\[2,3\]",
    ):
        layer(jnp.ones((2, 3)), *layer.init(0))
