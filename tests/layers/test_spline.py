"""Spline: its grid, its points, and what it refuses; its curves are in tests/ops/test_spline.py."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.interpolate
import scipy.stats

import luxnb as lx

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("train_grid", [False, True])
def test_linear(train_grid):
    layer = lx.Spline((2,), -1.0, 3.0, 9, train_grid=train_grid)
    ps, st = layer.init(0)
    x = RNG.uniform(-2, 4, (3, 5)).astype(np.float32)
    y, new = layer(x, ps, st)
    expected = scipy.interpolate.make_interp_spline(np.linspace(-1, 3, 9), ps.saved_points, k=1)
    np.testing.assert_allclose(y, expected(x), rtol=1e-4, atol=1e-5)
    assert y.shape == (3, 5, 2) and new is st


@pytest.mark.parametrize("train_grid", [False, True])
def test_cubic(train_grid):
    layer = lx.Spline((), -1.0, 3.0, 9, degree=3, train_grid=train_grid)
    ps, st = layer.init(0)
    x = RNG.uniform(-1, 3, 50).astype(np.float32)
    grid = np.linspace(-1, 3, 9)
    expected = scipy.interpolate.CubicSpline(grid, ps.saved_points, bc_type="natural")
    np.testing.assert_allclose(layer(x, ps, st)[0], expected(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("degree", [1, 3])
def test_places_that_passed_each_other(degree):
    """The pairs (grid_i, saved_points_i) make the curve, in whatever order they come."""
    layer = lx.Spline((2,), 0.0, 1.0, 6, degree=degree, train_grid=True)
    ps, st = layer.init(0)
    x = jnp.linspace(-0.2, 1.2, 20)
    order = np.array([3, 0, 5, 1, 2, 4])
    mixed = jax.tree.map(lambda v: v[order], ps)
    np.testing.assert_array_equal(layer(x, mixed, st)[0], layer(x, ps, st)[0])


def test_a_fine_grid_in_bfloat16():
    """Neighbouring places, equal in bfloat16, are told apart."""
    layer = lx.Spline((), 0.0, 1.0, 2000)
    ps = {"saved_points": jnp.linspace(0, 1, 2000, dtype=jnp.bfloat16)}
    x = jnp.linspace(-0.5, 1.5, 33, dtype=jnp.bfloat16)
    y, _ = layer(x, ps, {})
    assert y.dtype == jnp.bfloat16 and np.isfinite(np.asarray(y, float)).all()
    inside = (x >= 0) & (x <= 1)
    np.testing.assert_allclose(y[inside].astype(float), x[inside].astype(float), atol=0.01)


def test_a_time_by_itself():
    layer = lx.Spline((3,), 0.0, 1.0, 4)
    ps, st = layer.init(0)
    y, _ = layer(1.0, ps, st)
    np.testing.assert_array_equal(y, ps.saved_points[-1])
    assert y.dtype == jnp.float32


def test_fresh_points_are_normal():
    ps, _ = lx.Spline((100,), 0.0, 1.0, 100).init(0)
    drawn = np.asarray(ps.saved_points, float).ravel()
    assert scipy.stats.kstest(drawn, scipy.stats.norm.cdf).pvalue > 1e-3


def test_points_of_ones_own():
    layer = lx.Spline((2,), 0.0, 1.0, 3, init_points=lx.init.zeros(), train_grid=True)
    ps, _ = layer.init(0)
    np.testing.assert_array_equal(ps.saved_points, np.zeros((3, 2)))
    np.testing.assert_array_equal(ps.grid, [0, 0.5, 1])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": 3}, r"Spline\.shape must be a tuple of positive integers, \(\) for a number, "),
        ({"shape": (0,)}, r"Spline\.shape must be a tuple of positive integers, .*, got \(0,\)"),
        ({"low": 1.0}, r"Spline\.high must be above low = 1\.0 and finite, got 1\.0"),
        ({"high": float("inf")}, r"Spline\.high must be above low = 0\.0 and finite, got inf"),
        ({"points": 1}, r"Spline\.points must be at least 2, got 1"),
        ({"points": 2.5}, r"Spline\.points must be a positive integer, got 2\.5"),
        ({"degree": 2}, r"Spline\.degree must be 1 \(linear\) or 3 \(natural cubic\), got 2"),
    ],
    ids=str,
)
def test_fields(fields, message):
    given = {"shape": (), "low": 0.0, "high": 1.0, "points": 3} | fields
    with pytest.raises(ValueError, match=message):
        lx.Spline(**given)


def test_initialisers():
    with pytest.raises(TypeError, match=r"Spline\.init_points is the class zeros; write zeros\(\)"):
        lx.Spline((), 0.0, 1.0, 3, init_points=lx.init.zeros)
