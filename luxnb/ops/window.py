"""Windows over space: what is padded, and where."""

import numpy as np
from jax import lax

from luxnb.core.types import Array

Pairs = tuple[tuple[int, int], ...]
Padding = str | Pairs


def padding_pairs(x: Array, window, stride, padding: Padding, dilation) -> Pairs:
    """The padding (before, after) of each axis of space."""
    if not isinstance(padding, str):
        return padding
    reach = [d * (n - 1) + 1 for n, d in zip(window, dilation, strict=True)]
    return tuple(lax.padtype_to_pads(x.shape[1:-1], reach, stride, padding))


def padded(x: Array, value, pairs: Pairs) -> Array:
    """x with this value around space."""
    if not any(map(any, pairs)):
        return x
    space = [(before, after, 0) for before, after in pairs]
    return lax.pad(x, np.asarray(value, x.dtype), [(0, 0, 0), *space, (0, 0, 0)])
