"""Moments and moving averages against NumPy."""

import jax.numpy as jnp
import numpy as np

from luxnb.ops.norm import moments, moving, normalise

X = np.random.default_rng(0).normal(2, 3, (4, 5, 6)).astype(np.float32)


def test_moments():
    for axes in [(0,), (0, 1), (1, 2)]:
        mean, variance = moments(jnp.asarray(X), axes)
        np.testing.assert_allclose(mean, X.mean(axes), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(variance, X.var(axes), rtol=1e-5)


def test_the_variance_survives_a_large_mean():
    x = X + 1e4
    np.testing.assert_allclose(moments(jnp.asarray(x), (0,))[1], x.astype(float).var(0), rtol=1e-2)


def test_half_precision_is_summed_in_single():
    x = jnp.full((4096, 1), 1.5, jnp.bfloat16).at[0, 0].set(300)
    mean, variance = moments(x, (0,))
    assert mean.dtype == variance.dtype == jnp.float32
    np.testing.assert_allclose(mean, np.asarray(x, float).mean(0), rtol=1e-5)
    assert normalise(x, mean, variance, 1e-5).dtype == jnp.bfloat16


def test_normalise():
    mean, variance = X.mean((0, 1)), X.var((0, 1))
    expected = (X - mean) / np.sqrt(variance + 0.1)
    np.testing.assert_allclose(normalise(jnp.asarray(X), mean, variance, 0.1), expected, atol=1e-5)


def test_moving():
    old, new = jnp.array([1.0, 2.0]), jnp.array([3.0, 0.0])
    np.testing.assert_allclose(moving(old, new, 0.25), [1.5, 1.5])
    np.testing.assert_allclose(moving(old, new, 0), old)
    np.testing.assert_allclose(moving(old, new, 1), new)
