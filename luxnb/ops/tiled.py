"""Convolution of few channels as one product of matrices.

Neighbouring outputs of a row are taken together, as a tile. What a tile sees, (reach, channels),
times a matrix with the kernel once for each output of the tile, moved on by the stride, are all its
outputs. Most of that matrix is zero, and the product is nevertheless several times faster than
XLA's convolution on a CPU: a kernel on few channels alone is too small to keep it busy. And other
than XLA's convolution it is as fast in a compiled loop.
"""

import itertools
import math

import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.types import Array
from luxnb.ops.linear import linear
from luxnb.ops.window import Pairs, padded

MOST_IN, MOST_OUT = 8, 64  # channels: of more, the convolution is large enough
MOST_SEEN = 2**26  # elements of what all tiles see, about, for it lies in memory


def is_for_tiles(x: Array, weight: Array, stride: tuple[int, ...]) -> bool:
    """Whether a CPU is faster by tiles; told from shapes alone."""
    *kernel, channels, channels_out = weight.shape
    return (
        channels <= MOST_IN
        and channels_out <= MOST_OUT
        and kernel[-1] > 1
        and math.prod(stride) == 1
        and jnp.issubdtype(x.dtype, jnp.floating)
        and x.dtype == weight.dtype
        and 2 * math.prod(x.shape) * math.prod(kernel[:-1]) <= MOST_SEEN
    )


def tiled(
    x: Array, weight: Array, stride: tuple[int, ...], padding: Pairs, dilation: tuple[int, ...]
) -> Array:
    """y[n, i, o] = Σ_{k, c} x[n, i·stride + k·dilation, c] · weight[k, c, o], as `conv`.

    An x that is not finite makes NaN of a whole tile: 0 · ∞ is NaN.
    """
    *kernel, channels, channels_out = weight.shape
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    sizes = [n + before + after for n, (before, after) in zip(x.shape[1:-1], padding, strict=True)]
    counts = [(n - r) // s + 1 for n, r, s in zip(sizes, reach, stride, strict=True)]
    tile = _tile(counts[-1], kernel[-1])
    tiles, step = -(-counts[-1] // tile), tile * stride[-1]
    seen = step - stride[-1] + reach[-1]  # places along the row that a tile sees

    blocks = -(-seen // step)  # a tile sees its own block of places and some of the next ones
    width = (tiles + blocks - 1) * step
    *above, (before, _) = padding
    x = padded(x, 0, (*above, (before, width - before - x.shape[-2])))
    x = x.reshape(*x.shape[:-2], -1, step, channels)
    x = jnp.concatenate([lax.slice_in_dim(x, i, i + tiles, axis=-3) for i in range(blocks)], -2)
    x = x[..., :seen, :].reshape(*x.shape[:-2], seen * channels)

    places = list(itertools.product(*map(range, kernel[:-1])))  # of the kernel, above the row
    rows = jnp.concatenate([_rows(x, place, counts, stride, dilation) for place in places], -1)
    y = linear(rows, _matrix(weight, tile, stride[-1], dilation[-1]))
    y = y.reshape(len(x), *counts[:-1], tiles * tile, channels_out)
    return lax.slice_in_dim(y, 0, counts[-1], axis=-2)


def _tile(count: int, kernel: int) -> int:
    """How many of `count` outputs make a tile: about as many as the kernel has places, so that
    about half of the matrix is not zero, and so that few outputs are superfluous."""
    sizes = range(min(kernel, count), min(2 * kernel, count + 1))
    return min(sizes, key=lambda size: -count % size)


def _rows(x: Array, place: tuple[int, ...], counts, stride, dilation) -> Array:
    """What the tiles see at one place of the kernel above the row."""
    for axis, (k, n, s, d) in enumerate(zip(place, counts, stride, dilation, strict=False), 1):
        x = lax.slice_in_dim(x, k * d, k * d + (n - 1) * s + 1, s, axis)
    return x


def _matrix(weight: Array, tile: int, stride: int, dilation: int) -> Array:
    """The kernel once for each output of a tile, (places · seen · channels, tile · outputs)."""
    none, zero = (0, 0, 0), np.zeros((), weight.dtype)

    def moved(i):
        along = (i * stride, (tile - 1 - i) * stride, dilation - 1)
        return lax.pad(weight, zero, [*[none] * (weight.ndim - 3), along, none, none])

    matrix = jnp.stack([moved(i) for i in range(tile)], -2)
    return matrix.reshape(-1, tile * weight.shape[-1])
