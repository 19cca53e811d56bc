"""Resampling of arrays (batch, *space, channels): nearest, linear, and channels moved into space.

All as PyTorch's, but for positions, which are exact here and rounded to float32 there.
"""

import itertools

import jax.numpy as jnp
import numpy as np

from luxnb.core.types import Array
from luxnb.ops.taps import tap


def nearest(x: Array, axis: int, size: int, scale: float | None) -> Array:
    """y_i = x[⌊i / scale⌋] along an axis; without a scale, it is the ratio of the sizes."""
    n, i = x.shape[axis], np.arange(size)
    source = i * n // size if scale is None else np.floor(i / scale).astype(int)
    index = np.minimum(source, n - 1)[:, None]
    return tap(x, axis, index, np.ones(index.shape))


def linear(x: Array, axis: int, size: int, scale: float | None, align_corners: bool) -> Array:
    """y_i = (1 - w) · x[⌊s⌋] + w · x[⌊s⌋ + 1] along an axis, where w is what ⌊s⌋ leaves of the
    position s = (i + 1/2) / scale - 1/2 (centres of cells), or s = i · (n - 1) / (size - 1)."""
    n, i = x.shape[axis], np.arange(size)
    if align_corners:
        position = i * (n - 1) / max(size - 1, 1)
    else:
        position = (i + 0.5) * n / size - 0.5 if scale is None else (i + 0.5) / scale - 0.5
    position = np.clip(position, 0, n - 1)
    before = np.floor(position).astype(int)
    after = np.minimum(before + 1, n - 1)
    weight = position - before
    y = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    y = tap(y, axis, np.stack([before, after], 1), np.stack([1 - weight, weight], 1))
    return y.astype(jnp.result_type(x, float))


def pixel_shuffle(x: Array, factor: int) -> Array:
    """Channel (c, i, j, …) at (h, w, …) becomes channel c at (h·factor + i, w·factor + j, …)."""
    batch, *space, channels = x.shape
    axes = len(space)
    x = x.reshape(batch, *space, channels // factor**axes, *(factor,) * axes)
    within = [(1 + a, 2 + axes + a) for a in range(axes)]  # each axis, and what goes inside it
    x = x.transpose(0, *itertools.chain(*within), 1 + axes)
    return x.reshape(batch, *(n * factor for n in space), channels // factor**axes)
