"""Pooling to a given size: window i of m over n elements reaches from ⌊i·n/m⌋ to ⌈(i+1)·n/m⌉.

Windows of different lengths are laid side by side, each filled up to the longest with copies of its
last element; then they are pooled like any others. As PyTorch's.
"""

import jax.numpy as jnp
import numpy as np

from luxnb.core.types import Array
from luxnb.ops.pool import along_axis, max_pool, sum_pool
from luxnb.ops.taps import tap


def adaptive_max(x: Array, size: tuple[int, ...]) -> Array:
    """The largest element of each of `size` windows."""
    for axis, m in reversed(list(enumerate(size, 1))):  # so that the first of equal elements wins
        x, lengths = _side_by_side(x, axis, m)
        window = _only(axis, lengths, len(size))
        x = max_pool(x, window, window, "VALID", (1,) * len(size))
    return x


def adaptive_sum(x: Array, size: tuple[int, ...]) -> Array:
    """The sum of each of `size` windows."""
    for axis, m in enumerate(size, 1):
        x, lengths = _side_by_side(x, axis, m)
        real = np.arange(lengths.max()) < lengths[:, None]
        if not real.all():
            real = along_axis(real.reshape(-1), axis, x) == 1
            x = jnp.where(real, x, jnp.zeros((), x.dtype))
        window = _only(axis, lengths, len(size))
        x = sum_pool(x, window, window, "VALID", (1,) * len(size))
    return x


def adaptive_mean(x: Array, size: tuple[int, ...]) -> Array:
    """The mean of each of `size` windows."""
    mean = adaptive_sum(x.astype(jnp.promote_types(x.dtype, jnp.float32)), size)
    for axis, n in enumerate(size, 1):
        start, stop = _bounds(x.shape[axis], n)
        mean = mean / along_axis(stop - start, axis, mean)
    return mean.astype(jnp.result_type(x, float))


def _bounds(n: int, m: int):
    i = np.arange(m)
    return i * n // m, -(-(i + 1) * n // m)


def _side_by_side(x: Array, axis: int, m: int) -> tuple[Array, np.ndarray]:
    """The m windows along an axis one after the other, each as long as the longest; the lengths."""
    start, stop = _bounds(x.shape[axis], m)
    lengths = stop - start
    index = np.minimum(start[:, None] + np.arange(lengths.max()), stop[:, None] - 1).reshape(-1, 1)
    if len(index) == x.shape[axis]:  # they do not overlap
        return x, lengths
    return tap(x, axis, index, np.ones(index.shape)), lengths


def _only(axis: int, lengths: np.ndarray, axes: int) -> tuple[int, ...]:
    """The window as long as the longest along one axis, and 1 along all others."""
    return tuple(int(lengths.max()) if i == axis else 1 for i in range(1, axes + 1))
