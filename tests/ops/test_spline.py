"""Interpolation against SciPy, on grids of unequal steps, inside and outside."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.interpolate

from luxnb.ops.spline import linear, natural_cubic, second_derivatives

RNG = np.random.default_rng(0)


def scipy_linear(x, grid, points):
    return scipy.interpolate.make_interp_spline(grid, points, k=1)(x)


def scipy_cubic(x, grid, points):
    """SciPy continues with the last cubic; the natural spline goes on straight."""
    curve = scipy.interpolate.CubicSpline(grid, points, bc_type="natural")
    inside = np.clip(x, grid[0], grid[-1])
    beyond = (x - inside).reshape(x.shape + (1,) * (points.ndim - 1))
    return curve(inside) + curve(inside, 1) * beyond


BOTH = [(linear, scipy_linear), (natural_cubic, scipy_cubic)]


@pytest.mark.parametrize("shape", [(), (3,), (2, 2)], ids=str)
@pytest.mark.parametrize("n", [2, 3, 4, 9])
@pytest.mark.parametrize(("ours", "theirs"), BOTH, ids=["linear", "cubic"])
def test_values(ours, theirs, n, shape):
    grid = np.cumsum(RNG.uniform(0.1, 1, n))
    points = RNG.normal(size=(n, *shape))
    x = RNG.uniform(grid[0] - 1, grid[-1] + 1, (5, 4))
    with jax.enable_x64(True):
        y = jax.jit(ours)(x, grid, points)
    assert y.shape == (5, 4, *shape)
    np.testing.assert_allclose(y, theirs(x, grid, points), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), BOTH, ids=["linear", "cubic"])
def test_through_the_points_exactly(ours, theirs):
    grid = np.cumsum(RNG.uniform(0.1, 1, 8)).astype(np.float32)
    points = RNG.normal(size=(8, 2)).astype(np.float32)
    np.testing.assert_array_equal(ours(jnp.asarray(grid), grid, jnp.asarray(points)), points)


def test_second_derivatives():
    grid = np.cumsum(RNG.uniform(0.1, 1, 7))
    points = RNG.normal(size=(7, 3))
    with jax.enable_x64(True):
        bends = second_derivatives(jnp.asarray(grid), jnp.asarray(points))
    curve = scipy.interpolate.CubicSpline(grid, points, bc_type="natural")
    np.testing.assert_allclose(bends, curve(grid, 2), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_derivatives_of_the_cubic(degree):
    grid = np.cumsum(RNG.uniform(0.1, 1, 7))
    points = RNG.normal(size=7)
    curve = scipy.interpolate.CubicSpline(grid, points, bc_type="natural")
    x = RNG.uniform(grid[0], grid[-1], 30)
    with jax.enable_x64(True):
        slope = natural_cubic
        for _ in range(degree):
            slope = jax.grad(slope)
        got = jax.vmap(slope, in_axes=(0, None, None))(*map(jnp.asarray, (x, grid, points)))
    np.testing.assert_allclose(got, curve(x, degree), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("curve", [linear, natural_cubic])
def test_gradients_at_the_points_are_finite(curve):
    grid = jnp.linspace(-1.0, 1.0, 6)
    points = jnp.asarray(RNG.normal(size=6), jnp.float32)
    for gradient in jax.grad(lambda *a: curve(*a).sum(), argnums=(0, 1, 2))(grid, grid, points):
        assert np.isfinite(gradient).all()


def test_the_ends_of_the_cubic_are_smooth():
    """The slope goes on, and the second derivative is 0 on both sides of each end."""
    with jax.enable_x64(True):
        grid, points = jnp.linspace(0, 1, 5), jnp.asarray(RNG.normal(size=5))
        slope = jax.grad(natural_cubic)
        for end in (0.0, 1.0):
            around = end + jnp.array([-1e-9, 0.0, 1e-9])
            slopes = jax.vmap(slope, in_axes=(0, None, None))(around, grid, points)
            bends = jax.vmap(jax.grad(slope), in_axes=(0, None, None))(around, grid, points)
            assert np.abs(slopes).min() > 0.01
            np.testing.assert_allclose(slopes, slopes[1], atol=1e-6)
            np.testing.assert_allclose(bends, 0, atol=1e-6)
