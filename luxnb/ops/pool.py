"""Pooling over windows of arrays (batch, *space, channels).

Windows are boxes, so the largest element or the sum is found along one axis after the other. On a
CPU this is several times faster than `lax.reduce_window` over all of them, also in the gradient.
"""

import math
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.types import Array
from luxnb.ops.window import Padding, padded, padding_pairs


def max_pool(
    x: Array,
    window: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Padding,
    dilation: tuple[int, ...],
) -> Array:
    """The largest element of each window; padding never wins. NaN is larger than any.

    The gradient goes to the first of the largest elements, as in PyTorch.
    """
    lowest = -jnp.inf if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype).min
    x = padded(x, lowest, padding_pairs(x, window, stride, padding, dilation))
    for i in reversed(range(len(window))):  # the last axis first: then the first element wins
        x = _largest_along(x, i + 1, window[i], stride[i], dilation[i])
    return x


def _largest_along(x: Array, axis: int, window: int, stride: int, dilation: int) -> Array:
    """By doubling: the largest of four is the larger of the largest of two and of the next two."""

    def cut(start, stop, stride=1):
        return lax.slice_in_dim(x, start, stop, stride, axis)

    last = x.shape[axis] - dilation * (window - 1)
    span = 1  # each element of x is the largest of so many, from its place on
    while 2 * span < window:
        shift = span * dilation
        x = _first_largest(cut(0, x.shape[axis] - shift), cut(shift, x.shape[axis]))
        span *= 2
    shift = (window - span) * dilation  # windows may overlap: nothing is counted
    first = cut(0, last, stride)
    return first if window == 1 else _first_largest(first, cut(shift, shift + last, stride))


def _first_largest(one: Array, other: Array) -> Array:
    """Elementwise the larger; the gradient goes to the first where they are equal."""
    return jnp.where((other > one) | (other != other), other, one)


def sum_pool(
    x: Array,
    window: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Padding,
    dilation: tuple[int, ...],
) -> Array:
    """The sum of each window."""
    pairs = padding_pairs(x, window, stride, padding, dilation)
    if stride == window and set(dilation) == {1}:
        return _sum_of_tiles(padded(x, 0, pairs), window)
    for i in range(len(window)):
        x = _sum_along(x, i + 1, window[i], stride[i], pairs[i], dilation[i])
    return x


def _sum_of_tiles(x: Array, window: tuple[int, ...]) -> Array:
    """The sum of windows that touch, without the rest that fills none."""
    counts = [n // k for n, k in zip(x.shape[1:-1], window, strict=True)]
    whole = tuple(slice(n * k) for n, k in zip(counts, window, strict=True))
    tiles = [size for pair in zip(counts, window, strict=True) for size in pair]
    x = x[:, *whole].reshape(len(x), *tiles, x.shape[-1])
    return x.sum(tuple(range(2, x.ndim - 1, 2)))


def _sum_along(x: Array, axis: int, window: int, stride: int, pads, dilation: int) -> Array:
    def only(value, other):
        """The value for this axis, and for all others the `other`."""
        return [value if i == axis else other for i in range(x.ndim)]

    return lax.reduce_window(
        x,
        np.zeros((), x.dtype),  # not a JAX array, else there is no gradient
        lax.add,
        only(window, 1),
        only(stride, 1),
        only(pads, (0, 0)),
        window_dilation=only(dilation, 1),
    )


def mean_pool(
    x: Array,
    window: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Padding,
    dilation: tuple[int, ...],
    count_padding: bool,
) -> Array:
    """The mean of each window, with the zeros of explicit padding counted or not."""
    total = sum_pool(_at_least_float32(x), window, stride, padding, dilation)
    if count_padding and not isinstance(padding, str):
        mean = total / math.prod(window)
    else:
        mean = total
        pairs = padding_pairs(x, window, stride, padding, dilation)
        for i, (n, pads) in enumerate(zip(x.shape[1:-1], pairs, strict=True)):
            start = np.arange(total.shape[i + 1]) * stride[i] - pads[0]
            place = start[:, None] + np.arange(window[i]) * dilation[i]
            count = ((place >= 0) & (place < n)).sum(1)
            mean = mean / along_axis(np.maximum(count, 1), i + 1, mean)
    return mean.astype(jnp.result_type(x, float))


def p_norm(x: Array, p: float, total: Callable[[Array], Array]) -> Array:
    """(Σ |x|^p)^(1/p), where `total` sums over what belongs together; at 0 its gradient is 0."""
    powers = jnp.abs(_at_least_float32(x)) ** (int(p) if p == int(p) else p)
    sums = total(powers)
    positive = sums >= jnp.finfo(sums.dtype).tiny  # the gradient of the root of less may overflow
    root = jnp.where(positive, sums, 1) ** (1 / p)
    return jnp.where(positive, root, 0).astype(jnp.result_type(x, float))


def along_axis(vector: np.ndarray, axis: int, x: Array) -> np.ndarray:
    """A vector of constants with as many axes as x, in x's dtype."""
    shape = [1] * x.ndim
    shape[axis] = len(vector)
    return vector.astype(x.dtype).reshape(shape)


def _at_least_float32(x: Array) -> Array:
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))
