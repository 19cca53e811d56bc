"""PeriodicEmbedding: features that come round, an hour, an angle, a place in a lattice."""

import jax.numpy as jnp
import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.ops.periodic import sin_cos
from luxnb.ops.value import is_number


class PeriodicEmbedding(Layer):
    """Replace the features at `indices` by sin(2πx / period) and cos(2πx / period).

    x is (*batch, n), y is (*batch, n + k) for k indices: first the other features in their order,
    then the sines in the order of `indices`, then the cosines. It is periodic to the bit: where
    x + period is not rounded, it gives the same y as x.

    Parameters: none. State: none.

    >>> layer = PeriodicEmbedding((0,), (24.0,))  # the hour
    >>> layer(jnp.array([[6.0, 0.7], [30.0, 0.7]]), *layer.init(0))[0].round(6)
    Array([[ 0.7,  1. , -0. ],
           [ 0.7,  1. , -0. ]], dtype=float32)
    """

    indices: tuple[int, ...]
    periods: tuple[float, ...]

    def check(self):
        indices, periods = self.indices, self.periods
        if (
            not isinstance(indices, tuple)
            or not indices
            or not all(type(i) is int and i >= 0 for i in indices)
            or len(set(indices)) != len(indices)
        ):
            raise ValueError(
                "PeriodicEmbedding.indices must be a tuple of different integers ≥ 0, "
                f"got {indices!r}"
            )
        if (
            not isinstance(periods, tuple)
            or len(periods) != len(indices)
            or not all(is_number(period) and period > 0 for period in periods)
        ):
            raise ValueError(
                f"PeriodicEmbedding.periods must be a tuple of positive numbers, one for each of "
                f"indices = {indices}, got {periods!r}"
            )

    def forward(self, x, ps, st):
        shape = getattr(x, "shape", None)
        if not shape or shape[-1] <= max(self.indices):
            raise ValueError(
                f"expected x of shape (…, n) with n > {max(self.indices)}, because "
                f"indices = {self.indices}; got {short(x)}"
            )
        x = jnp.asarray(x)
        dtype = jnp.result_type(x, float)
        others = [i for i in range(x.shape[-1]) if i not in self.indices]
        sin, cos = sin_cos(x[..., np.array(self.indices)], self.periods)
        parts = (x[..., np.array(others, int)], sin, cos)
        return jnp.concatenate([part.astype(dtype) for part in parts], axis=-1), st
