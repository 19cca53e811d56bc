"""Dropout: a key in the state makes the mask, and the next one comes out."""

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


def test_identity_when_testing():
    layer = lx.Dropout(0.5)
    ps, st = layer.init(0)
    test = lx.testmode(st)
    y, new = layer(X, ps, test)
    assert y is X
    assert new is test


def test_rate_zero_is_the_identity():
    layer = lx.Dropout(0)
    ps, st = layer.init(0)
    y, new = layer(X, ps, st)
    assert y is X
    assert new is st


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan")])
def test_rates(rate):
    with pytest.raises(ValueError, match=rf"Dropout\.rate must lie in \[0, 1\), got {rate}"):
        lx.Dropout(rate)
