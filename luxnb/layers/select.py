"""Parts of an axis, and an axis backwards."""

import jax.numpy as jnp
import numpy as np
from jax import lax

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.layers.checks import integers


class Select(Layer):
    """Part of an axis: y = x[…, index, …] at `axis`.

    An int takes one place and drops the axis; a slice or a range takes several and keeps it. A
    slice is kept as the tuple (start, stop, step), which may be given as well. Negative numbers
    count from the end.

    Parameters: none. State: none.

    >>> layer = Select(1, -1)
    >>> layer(jnp.ones((5, 6, 3)), *layer.init(0))[0].shape
    (5, 3)
    >>> Select(1, slice(0, 4))
    Select(1, (0, 4, None))
    """

    axis: int
    index: int | range | tuple[int | None, int | None, int | None]

    def __init__(self, axis, index):
        if isinstance(index, slice):
            index = (index.start, index.stop, index.step)
        object.__setattr__(self, "axis", axis)
        object.__setattr__(self, "index", index)
        self.__post_init__()

    def check(self):
        integers(self, "axis")
        if isinstance(self.index, tuple):
            good = len(self.index) == 3 and all(n is None or type(n) is int for n in self.index)
        else:
            good = type(self.index) in (int, range)
        if not good:
            raise ValueError(
                f"Select.index must be an integer, a slice or a range, got {self.index!r}"
            )

    def forward(self, x, ps, st):
        axis = axis_of(x, self.axis)
        if isinstance(self.index, tuple):
            return x[(slice(None),) * axis + (slice(*self.index),)], st
        size = x.shape[axis]
        places = list(self.index) if isinstance(self.index, range) else [self.index]
        if any(not -size <= place < size for place in places):
            raise ValueError(f"axis {self.axis} of x has no {self.index}; got {short(x)}")
        if isinstance(self.index, range):
            return jnp.take(x, np.array(places, int) % size, axis, mode="clip"), st
        return lax.index_in_dim(x, self.index, axis, keepdims=False), st


class ReverseSequence(Layer):
    """An axis from its end to its start, by default the second: time in (batch, time, …).

    Parameters: none. State: none.

    >>> layer = ReverseSequence()
    >>> layer(jnp.array([[1, 2, 3]]), *layer.init(0))[0]
    Array([[3, 2, 1]], dtype=int32)
    """

    axis: int = 1

    def check(self):
        integers(self, "axis")

    def forward(self, x, ps, st):
        return jnp.flip(x, axis_of(x, self.axis)), st


def axis_of(x, axis: int) -> int:
    """The number, from the start, of an axis that x must have."""
    axes = x.ndim if is_array(x) else 0
    if not -axes <= axis < axes:
        raise ValueError(f"expected x with an axis {axis}; got {short(x)}")
    return axis % axes
