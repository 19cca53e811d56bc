"""Cross-correlation over arrays (batch, *space, channels), and its transpose."""

import math

import jax
import jax.numpy as jnp
from jax import lax

from luxnb.core.probe import probe
from luxnb.core.types import Array
from luxnb.ops.depthwise import depthwise
from luxnb.ops.linear import linear
from luxnb.ops.tiled import is_for_tiles, tiled
from luxnb.ops.window import Padding, Pairs, padding_pairs

MOST_PLACES = 64  # of a depthwise kernel, each an operation of its own


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
    *kernel, group_in, _ = weight.shape
    pairs = padding_pairs(x, kernel, stride, padding, dilation)
    if groups > 1 and group_in == 1 and math.prod(kernel) <= MOST_PLACES:
        return depthwise(x, weight, stride, pairs, dilation)
    is_pointwise = groups == math.prod(kernel) == math.prod(stride) == 1
    if is_pointwise and not any(map(any, pairs)):
        return linear(x, weight.reshape(weight.shape[-2:]))  # several times faster on a CPU
    if groups == 1 and _may_be_fast() and is_for_tiles(x, weight, stride):
        return tiled(x, weight, stride, pairs, dilation)
    space = "DHW"[-len(stride) :]
    return lax.conv_general_dilated(
        x,
        weight,
        window_strides=stride,
        padding=pairs,
        rhs_dilation=dilation,
        dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"),
        feature_group_count=groups,
    )


def _may_be_fast() -> bool:
    """Whether it runs on a CPU, and nobody counts its operations, of which tiles have more."""
    here = probe()
    return jax.default_backend() == "cpu" and not (here is not None and here.counts)


def conv_transpose(
    x: Array,
    weight: Array,
    stride: tuple[int, ...],
    padding: Pairs,
    dilation: tuple[int, ...],
    groups: int,
) -> Array:
    """y[n, j, o] = Σ_{i·stride + k·dilation = j, c} x[n, i, c] · weight[k, c, o]: the transpose of
    the `conv` that makes x from y.

    `weight` is (*kernel, in, out // groups). `padding` takes from y what `conv` would add to it;
    where it is negative, y grows.
    """
    x, weight = jnp.asarray(x), jnp.swapaxes(weight, -1, -2)  # now the weight of that conv
    *kernel, out_channels, _ = weight.shape
    space = transposed_space(x.shape[1:-1], kernel, stride, padding, dilation)
    y = jax.ShapeDtypeStruct((len(x), *space, out_channels * groups), x.dtype)

    def backwards(y, weight):
        return conv(y, weight, stride, padding, dilation, groups)

    def spread(x, weight):
        return _transposed(lambda y: backwards(y, weight), y)(x)

    if groups > 1:
        return spread(x, weight)

    # JAX would take the gradient by the weight from x with zeros between its elements, on a CPU
    # 10 to 40 times slower than what it is: the gradient by the weight of the conv from y to x.
    def by_weight(dweight, _, x, weight):
        def gradient(y):
            return _transposed(lambda weight: backwards(y, weight), weight)(x)

        return _transposed(gradient, y)(dweight)

    correlate = jax.custom_jvp(spread)
    correlate.defjvps(lambda dx, _, x, weight: spread(dx, weight), by_weight)
    return correlate(x, weight)


def transposed_space(space, kernel, stride, padding: Pairs, dilation) -> list[int]:
    """The size of each axis of `conv_transpose`, of an x with these."""
    return [
        (n - 1) * s + d * (k - 1) + 1 - before - after
        for n, k, s, (before, after), d in zip(
            space, kernel, stride, padding, dilation, strict=True
        )
    ]


def _transposed(function, like):
    """The transpose of a linear function of an array `like` that."""
    return lambda y: jax.linear_transpose(function, like)(y)[0]


def same_transposed(kernel, stride, dilation) -> Pairs:
    """The padding of `conv_transpose` with which size' = size · stride: that of a "SAME" `conv`
    from there, and less than none where strides leave gaps between the windows."""
    pairs = []
    for k, s, d in zip(kernel, stride, dilation, strict=True):
        lacking = d * (k - 1) + 1 - s
        before = max(lacking, 0) // 2
        pairs.append((before, lacking - before))
    return tuple(pairs)
