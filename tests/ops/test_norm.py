"""Normalisation, moments and moving averages against NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.ops.norm import moments, moving, normalise, normalise_by, over_root_mean_square

X = np.random.default_rng(0).normal(2, 3, (4, 5, 6)).astype(np.float32)
SCALE, BIAS = np.random.default_rng(1).normal(size=(2, 6)).astype(np.float32)


@pytest.mark.parametrize("axes", [(0,), (0, 1), (1, 2), (0, 2)], ids=str)
def test_moments(axes):
    mean, variance = moments(jnp.asarray(X), axes)
    np.testing.assert_allclose(mean, X.mean(axes, keepdims=True), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(variance, X.var(axes, keepdims=True), rtol=1e-5)


def test_the_variance_survives_a_large_mean():
    x = X + 1e4
    expected = x.astype(float).var(0, keepdims=True)
    np.testing.assert_allclose(moments(jnp.asarray(x), (0,))[1], expected, rtol=1e-2)


@pytest.mark.parametrize("axes", [(0,), (0, 1), (1, 2), (0, 2)], ids=str)
def test_normalise(axes):
    y, mean, variance = normalise(jnp.asarray(X), axes, 0.1, jnp.asarray(SCALE), jnp.asarray(BIAS))
    m, v = X.mean(axes, keepdims=True), X.var(axes, keepdims=True)
    np.testing.assert_allclose(y, (X - m) / np.sqrt(v + 0.1) * SCALE + BIAS, atol=1e-5)
    np.testing.assert_allclose(mean, m, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(variance, v, rtol=1e-5)
    plain, _, _ = normalise(jnp.asarray(X), axes, 0.1)
    np.testing.assert_allclose(plain, (X - m) / np.sqrt(v + 0.1), atol=1e-5)


def test_normalise_by_given_moments():
    mean, variance = X.mean((0, 1)), X.var((0, 1))
    given = map(jnp.asarray, (X, mean, variance))
    y = normalise_by(*given, 0.1, jnp.asarray(SCALE), jnp.asarray(BIAS))
    expected = (X - mean) / np.sqrt(variance + 0.1) * SCALE + BIAS
    np.testing.assert_allclose(y, expected, atol=1e-5)


def test_over_root_mean_square():
    y = over_root_mean_square(jnp.asarray(X), (1, 2), 0.1, jnp.asarray(SCALE))
    root = np.sqrt((X**2).mean((1, 2), keepdims=True) + 0.1)
    np.testing.assert_allclose(y, X / root * SCALE, rtol=1e-5)


def test_half_precision_is_summed_in_single():
    x = jnp.full((4096, 1), 1.5, jnp.bfloat16).at[0, 0].set(300)
    y, mean, variance = normalise(x, (0,), 1e-5)
    assert y.dtype == jnp.bfloat16
    assert mean.dtype == variance.dtype == jnp.float32
    np.testing.assert_allclose(mean, np.asarray(x, float).mean(0, keepdims=True), rtol=1e-5)


def test_half_precision_is_rounded_once():
    x, scale, bias = (jnp.asarray(v, jnp.bfloat16) for v in (X, SCALE, BIAS))
    wide = [jnp.asarray(v, jnp.float32) for v in (x, scale, bias)]
    y, mean, variance = normalise(x, (2,), 1e-5, scale, bias)
    expected, _, _ = normalise(wide[0], (2,), 1e-5, *wide[1:])
    np.testing.assert_array_equal(y, expected.astype(jnp.bfloat16))
    y = normalise_by(x, mean[0, 0], variance[0, 0], 1e-5, scale, bias)
    expected = normalise_by(wide[0], mean[0, 0], variance[0, 0], 1e-5, *wide[1:])
    np.testing.assert_array_equal(y, expected.astype(jnp.bfloat16))


def test_a_constant_has_finite_gradients():
    x = jnp.ones((3, 4))
    for function in (lambda x: normalise(x, (1,), 1e-5)[0], lambda x: moments(x, (1,))[1]):
        assert np.isfinite(jax.grad(lambda x: function(x).sum())(x)).all()  # noqa: B023
    zeros = jax.grad(lambda x: over_root_mean_square(x, (1,), 1e-5).sum())(0 * x)
    np.testing.assert_allclose(zeros, np.full((3, 4), 1e-5**-0.5), rtol=1e-5)


def test_forward_mode():
    """By finite differences: y, mean and variance along a direction."""
    with jax.enable_x64(True):
        x, along = jnp.asarray(X, jnp.float64), jnp.cos(jnp.asarray(X, jnp.float64))
        scale = jnp.asarray(SCALE, jnp.float64)

        def at(t):
            return normalise(x + t * along, (0, 1), 0.1, scale * (1 + t), scale + t)

        _, tangents = jax.jvp(at, (0.0,), (1.0,))
        for got, after, before in zip(tangents, at(1e-6), at(-1e-6), strict=True):
            np.testing.assert_allclose(got, (after - before) / 2e-6, rtol=1e-6, atol=1e-8)


def test_moving():
    old, new = jnp.array([1.0, 2.0]), jnp.array([3.0, 0.0])
    np.testing.assert_allclose(moving(old, new, 0.25), [1.5, 1.5])
    np.testing.assert_allclose(moving(old, new, 0), old)
    np.testing.assert_allclose(moving(old, new, 1), new)
