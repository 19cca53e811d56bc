"""VariationalHiddenDropout: one mask until it is renewed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx
from tests.same import assert_same, bits

X = jnp.ones((40, 50))


def test_the_same_mask_until_it_is_renewed():
    layer = lx.VariationalHiddenDropout(0.5)
    ps, st = layer.init(0)
    y, first = layer(X, ps, st)
    same, second = layer(X, ps, first)
    assert_same(y, same)
    assert_same(first, second)
    assert not first.renew
    other, third = layer(X, ps, lx.renew_masks(second))
    assert not third.renew
    agree = int((y == other).sum())
    assert scipy.stats.binomtest(agree, X.size, 0.5).pvalue > 1e-3
    again, _ = layer(X, ps, lx.renew_masks(second))
    assert_same(other, again)


def test_its_rate_and_its_scale():
    layer = lx.VariationalHiddenDropout(0.3)
    y, _ = layer(X, *layer.init(0))
    zeros = int((y == 0).sum())
    assert scipy.stats.binomtest(zeros, X.size, 0.3).pvalue > 1e-3
    np.testing.assert_allclose(np.unique(y), [0, 1 / 0.7], rtol=1e-6)


def test_along_features_only():
    layer = lx.VariationalHiddenDropout(0.5, axes=(-1,))
    y = np.asarray(layer(X, *layer.init(0))[0])
    np.testing.assert_array_equal(y, np.broadcast_to(y[:1], y.shape))
    assert len(np.unique(y)) == 2


def test_the_steps_of_a_scan_have_one_mask():
    layer = lx.VariationalHiddenDropout(0.5)
    ps, st = layer.init(0)

    def step(st, x):
        y, st = layer(x, ps, st)
        return st, y

    st, ys = jax.lax.scan(step, st, jnp.ones((3, 4, 5)))
    assert_same(ys[0], ys[1])
    assert_same(ys[0], ys[2])
    _, later = jax.lax.scan(step, lx.renew_masks(st), jnp.ones((3, 4, 5)))
    assert (later[0] != ys[0]).any()


def test_testing_is_the_identity_and_renews_nothing():
    layer = lx.VariationalHiddenDropout(0.5)
    ps, st = layer.init(0)
    for state in (st, layer(X, ps, st)[1]):
        test = lx.testmode(state)
        y, new = layer(X, ps, test)
        assert y is X
        assert new is test


def test_the_ends_of_the_rate():
    layer = lx.VariationalHiddenDropout(0)
    ps, st = layer.init(0)
    y, new = layer(X, ps, st)
    assert y is X and new is st
    layer = lx.VariationalHiddenDropout(1)
    assert not layer(X, *layer.init(0))[0].any()
    with pytest.raises(
        ValueError, match=r"VariationalHiddenDropout\.rate must lie in \[0, 1\], got 2"
    ):
        lx.VariationalHiddenDropout(2)


def test_renewing_reaches_every_depth_and_nothing_else():
    model = lx.Chain(
        lx.Dense(50, 50),
        lx.Chain(lx.VariationalHiddenDropout(0.5), lx.BatchNorm(50)),
        lx.Dropout(0.5),
        lx.VariationalHiddenDropout(0.5),
    )
    ps, st = model.init(0)
    _, st = model(X, ps, st)
    new = lx.renew_masks(st)
    assert new.layer_2.layer_1.renew and new.layer_4.renew
    pairs = zip(bits(st), bits(new), strict=True)
    changed = [before[0] for before, after in pairs if before != after]
    assert changed == [".layer_2.layer_1.renew", ".layer_4.renew"]
    assert lx.renew_masks(st.to_dict())["layer_4"]["renew"]


def test_many_models_at_once():
    layer = lx.VariationalHiddenDropout(0.5)
    ps, st = jax.vmap(layer.init)(jnp.arange(3))
    y, st = jax.vmap(layer, in_axes=(None, 0, 0))(X, ps, st)
    assert (y[0] != y[1]).any()
    assert lx.renew_masks(st).renew.shape == (3,)
    one = st.renew.at[1].set(True)
    other, _ = jax.vmap(layer, in_axes=(None, 0, 0))(X, ps, st.replace(renew=one))
    assert [bool((a == b).all()) for a, b in zip(y, other, strict=True)] == [True, False, True]


def test_masks_do_not_live_in_the_model():
    with pytest.raises(TypeError, match=r"masks live in the state, not in the model: got Var.*"):
        lx.renew_masks(lx.VariationalHiddenDropout(0.5))
