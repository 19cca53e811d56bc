"""Spline: a curve through points that are learnt."""

import math
from dataclasses import KW_ONLY

import jax.numpy as jnp
import numpy as np

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.types import Initialiser
from luxnb.layers.checks import initialisers, positive
from luxnb.ops import init
from luxnb.ops.spline import linear, natural_cubic


class Spline(Layer):
    """A curve through saved points: y(x) interpolates the pairs (grid_i, saved_points_i).

    x is (*batch) of numbers, times say; y is (*batch, *shape). The grid has `points` numbers at
    equal distances from `low` to `high`. `degree=1` draws straight lines between the points,
    `degree=3` the natural cubic spline, twice continuously differentiable with second derivative
    0 at both ends. Outside of the grid both go on as a straight line.

    Parameters: `saved_points` (points, *shape), N(0, 1) by default; `grid` (points,), if
    `train_grid`: the pairs may come in any order, but no two at the same place. State: none.

    >>> layer = Spline((), 0.0, 2.0, 3)
    >>> ps, st = layer.init(0)
    >>> ps = ps.replace(saved_points=jnp.array([0.0, 1.0, 4.0]))
    >>> layer(jnp.array([0.5, 1.5, 3.0]), ps, st)[0]
    Array([0.5, 2.5, 7. ], dtype=float32)
    """

    shape: tuple[int, ...]
    low: float
    high: float
    points: int
    _: KW_ONLY
    degree: int = 1
    train_grid: bool = False
    init_points: Initialiser = init.normal()

    def check(self):
        positive(self, "points")
        initialisers(self, "init_points")
        if not isinstance(self.shape, tuple) or not all(
            isinstance(n, int) and n > 0 for n in self.shape
        ):
            raise ValueError(
                f"Spline.shape must be a tuple of positive integers, () for a number, "
                f"got {self.shape!r}"
            )
        if not -math.inf < self.low < self.high < math.inf:
            raise ValueError(
                f"Spline.high must be above low = {self.low} and finite, got {self.high}"
            )
        if self.points < 2:
            raise ValueError(f"Spline.points must be at least 2, got {self.points}")
        if self.degree not in (1, 3):
            raise ValueError(
                f"Spline.degree must be 1 (linear) or 3 (natural cubic), got {self.degree!r}"
            )

    def init_params(self, key):
        shape = (self.points, *self.shape)
        params = {"saved_points": self.init_points(key_for(key, "saved_points"), shape)}
        if self.train_grid:
            params["grid"] = jnp.asarray(self._grid(), jnp.float32)
        return params

    def _grid(self) -> np.ndarray:
        return np.linspace(self.low, self.high, self.points)

    def forward(self, x, ps, st):
        x, points = jnp.asarray(x), ps.saved_points
        dtype = jnp.result_type(x, points)
        wide = jnp.promote_types(dtype, jnp.float32)  # else places on a fine grid would be one
        grid = ps.grid if self.train_grid else jnp.asarray(self._grid(), wide)
        if self.train_grid:  # learning may lead one place past another
            order = jnp.argsort(grid)
            grid, points = grid[order], points[order]
        interpolate = linear if self.degree == 1 else natural_cubic
        y = interpolate(*(v.astype(wide) for v in (x, grid, points)))
        return y.astype(dtype), st
