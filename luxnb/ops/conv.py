"""Cross-correlation and pooling over arrays (batch, *space, channels)."""

import functools
import itertools
from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.types import Array

Padding = str | tuple[tuple[int, int], ...]


def conv(
    x: Array,
    weight: Array,
    stride: tuple[int, ...],
    padding: Padding,
    dilation: tuple[int, ...],
    groups: int,
) -> Array:
    """y[n, i, o] = Σ_{k, c} x[n, i·stride + k·dilation, c] · weight[k, c, o].

    `weight` is (*kernel, in // groups, out).
    """
    space = "DHW"[-len(stride) :]
    return lax.conv_general_dilated(
        x,
        weight,
        window_strides=stride,
        padding=padding,
        rhs_dilation=dilation,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
        feature_group_count=groups,
    )


def max_pool(
    x: Array,
    window: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Padding,
    dilation: tuple[int, ...],
) -> Array:
    """The largest element of each window; padding never wins."""
    reach = tuple(d * (n - 1) + 1 for n, d in zip(window, dilation, strict=True))
    if isinstance(padding, str):
        padding = tuple(lax.padtype_to_pads(x.shape[1:-1], reach, stride, padding))
    lowest = -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min
    lowest = np.asarray(lowest, x.dtype)  # not a JAX array, else reduce_window has no gradient
    if reach != window:  # reduce_window has no gradient when dilated
        space = [(before, after, 0) for before, after in padding]
        padded = lax.pad(x, lowest, [(0, 0, 0), *space, (0, 0, 0)])
        return functools.reduce(lax.max, _shifted(padded, window, reach, stride, dilation))
    return lax.reduce_window(
        x, lowest, lax.max, (1, *window, 1), (1, *stride, 1), ((0, 0), *padding, (0, 0))
    )


def _shifted(x: Array, window, reach, stride, dilation) -> Iterator[Array]:
    """For each place in the window, what all windows have there."""
    counts = [(n - r) // s + 1 for n, r, s in zip(x.shape[1:-1], reach, stride, strict=True)]
    for place in itertools.product(*map(range, window)):
        start = [k * d for k, d in zip(place, dilation, strict=True)]
        stop = [a + (n - 1) * s + 1 for a, n, s in zip(start, counts, stride, strict=True)]
        yield lax.slice(x, (0, *start, 0), (len(x), *stop, x.shape[-1]), (1, *stride, 1))
