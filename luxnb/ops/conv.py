"""Cross-correlation and pooling over arrays (batch, *space, channels)."""

import jax
import jax.numpy as jnp
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
    lowest = -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min
    if not isinstance(padding, str):
        padding = ((0, 0), *padding, (0, 0))
    return lax.reduce_window(
        x,
        jax.numpy.asarray(lowest, x.dtype),
        lax.max,
        window_dimensions=(1, *window, 1),
        window_strides=(1, *stride, 1),
        padding=padding,
        window_dilation=(1, *dilation, 1),
    )
