"""PeriodicEmbedding: which feature goes where, that it comes round, and what it refuses."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx


def test_order_and_size():
    """The others, then the sines, then the cosines, both in the order of `indices`."""
    layer = lx.PeriodicEmbedding((3, 0), (4.0, 10.0))
    x = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)
    y, _ = layer(x, *layer.init(0))
    first, second = 2 * np.pi * x[..., 3] / 4, 2 * np.pi * x[..., 0] / 10
    waves = [np.sin(first), np.sin(second), np.cos(first), np.cos(second)]
    expected = np.stack([x[..., 1], x[..., 2], *waves], axis=-1)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(y[..., :2], x[..., 1:3])


def test_what_comes_after_is_periodic_to_the_bit():
    model = lx.Chain(lx.PeriodicEmbedding((0,), (3.0,)), lx.Dense(3, 2))
    made = model.init(0)
    x = np.arange(-20, 20)[:, None] / 8 * np.ones(2)  # eighths: x + 3k is never rounded
    for turns in (1, -1, 7, -1000):
        moved = x + np.array([3.0 * turns, 0.0])
        np.testing.assert_array_equal(model(moved, *made)[0], model(x, *made)[0])


def test_every_feature_may_come_round():
    layer = lx.PeriodicEmbedding((0, 1), (1.0, 1.0))
    y, _ = layer(jnp.array([0.25, 0.5]), *layer.init(0))
    np.testing.assert_allclose(y, [1, 0, 0, -1], atol=1e-6)


def test_integers():
    layer = lx.PeriodicEmbedding((0,), (24,))
    y, _ = layer(np.array([[6, 3], [30, 3]]), *layer.init(0))
    np.testing.assert_allclose(y, [[3, 1, 0], [3, 1, 0]], atol=1e-6)
    assert y.dtype == jnp.float32


@pytest.mark.parametrize("indices", [(), 0, (0, 0), (-1,), (1.0,), (True,)], ids=repr)
def test_indices(indices):
    with pytest.raises(
        ValueError,
        match=r"PeriodicEmbedding\.indices must be a tuple of different integers ≥ 0, got .*",
    ):
        lx.PeriodicEmbedding(indices, (1.0,))


@pytest.mark.parametrize(
    "periods", [(), 1.0, (1.0, 1.0), (0.0,), (-1.0,), (float("inf"),), (float("nan"),)], ids=repr
)
def test_periods(periods):
    with pytest.raises(
        ValueError,
        match=r"PeriodicEmbedding\.periods must be a tuple of positive numbers, one for each of "
        r"indices = \(2,\), got .*",
    ):
        lx.PeriodicEmbedding((2,), periods)


@pytest.mark.parametrize("shape", [(5, 3), (3,), ()], ids=str)
def test_inputs_with_too_few_features(shape):
    layer = lx.PeriodicEmbedding((0, 3), (1.0, 1.0))
    with pytest.raises(
        ValueError,
        match=r"expected x of shape \(…, n\) with n > 3, because indices = \(0, 3\); got f32\[.*\]",
    ):
        layer(jnp.ones(shape), *layer.init(0))
