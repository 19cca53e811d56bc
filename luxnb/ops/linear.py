"""A product by the last axis, as one product of two matrices."""

import math

from luxnb.core.types import Array


def linear(x: Array, weight: Array) -> Array:
    """y[…, o] = Σ_i x[…, i] · weight[i, o].

    All batch axes are rows of one matrix: on a CPU, XLA takes a quarter longer over several axes,
    most of all in the gradient by the weight.
    """
    if x.ndim <= 2:
        return x @ weight
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) @ weight
    return rows.reshape(*x.shape[:-1], weight.shape[-1])
