"""Interpolation of points over a grid: piecewise linear, and the natural cubic spline.

Everywhere x is (*batch), grid (n,) increasing with n ≥ 2, points (n, *shape), and what comes out
is (*batch, *shape).

W. Press et al., Numerical Recipes, 3rd edition, 2007, sections 3.2 and 3.3.
"""

import math

import jax.numpy as jnp
from jax import lax

from luxnb.core.types import Array


def linear(x: Array, grid: Array, points: Array) -> Array:
    """Straight lines between neighbouring points; outside, the first and the last line go on."""
    i, _, a, b = _piece(x, grid)
    low, high = points[i], points[i + 1]
    return _like(low, a) * low + _like(high, b) * high


def natural_cubic(x: Array, grid: Array, points: Array) -> Array:
    """The piecewise cubic with two continuous derivatives, the second one 0 at both ends.

    Outside it goes on as a straight line, and so keeps both derivatives.
    """
    inside = jnp.clip(x, grid[0], grid[-1])
    i, width, a, b = _piece(inside, grid)
    bends = second_derivatives(grid, points)
    low, high, low_bend, high_bend = points[i], points[i + 1], bends[i], bends[i + 1]
    beyond, width, a, b = (_like(low, v) for v in (x - inside, width, a, b))

    value = a * low + b * high
    value += ((a**3 - a) * low_bend + (b**3 - b) * high_bend) * width**2 / 6
    slope = (high - low) / width
    slope += ((3 * b**2 - 1) * high_bend - (3 * a**2 - 1) * low_bend) * width / 6
    return value + slope * beyond


def second_derivatives(grid: Array, points: Array) -> Array:
    """Those of the natural cubic spline at the grid, (n, *shape), from the tridiagonal system
    h_{i-1} m_{i-1} + 2 (h_{i-1} + h_i) m_i + h_i m_{i+1} = 6 (s_i - s_{i-1}), m_0 = m_{n-1} = 0,
    with h the widths and s the slopes of the lines between the points."""
    h = jnp.diff(grid)
    flat = points.reshape(len(points), math.prod(points.shape[1:]))
    slopes = jnp.diff(flat, axis=0) / h[:, None]
    below, above = jnp.pad(h[:-1], 1), jnp.pad(h[1:], 1)
    diagonal = jnp.pad(2 * (h[:-1] + h[1:]), 1, constant_values=1)
    right = jnp.pad(6 * jnp.diff(slopes, axis=0), ((1, 1), (0, 0)))
    return lax.linalg.tridiagonal_solve(below, diagonal, above, right).reshape(points.shape)


def _piece(x: Array, grid: Array) -> tuple[Array, Array, Array, Array]:
    """The interval of each x: the place of its left end, its width, and the weights of its left
    and right end, which outside of the grid are below 0 and above 1."""
    i = jnp.clip(jnp.searchsorted(grid, x, side="right") - 1, 0, len(grid) - 2)
    width = grid[i + 1] - grid[i]
    b = (x - grid[i]) / width
    return i, width, 1 - b, b


def _like(points: Array, values: Array) -> Array:
    """`values` (*batch) with as many axes as `points` (*batch, *shape)."""
    return values.reshape(values.shape + (1,) * (points.ndim - values.ndim))
