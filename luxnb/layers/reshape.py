"""Reshape: the same numbers in another shape."""

import math

from luxnb.core.layer import Layer
from luxnb.core.spec import short


class Reshape(Layer):
    """Each sample in another shape: (batch, …) → (batch, *shape).

    One number of `shape` may be -1: whatever is left.

    Parameters: none. State: none.

    >>> layer = Reshape((2, -1))
    >>> layer(jnp.ones((5, 6)), *layer.init(0))[0].shape
    (5, 2, 3)
    """

    shape: tuple[int, ...]

    def check(self):
        shape = self.shape if isinstance(self.shape, tuple) else None
        if shape is None or any(type(n) is not int or n < -1 or n == 0 for n in shape):
            raise ValueError(
                "Reshape.shape must be a tuple of positive integers, one of which may be -1, "
                f"got {self.shape!r}"
            )
        if shape.count(-1) > 1:
            raise ValueError(f"Reshape.shape may have one -1, got {shape}")

    def forward(self, x, ps, st):
        if not getattr(x, "shape", None):
            raise ValueError(f"expected x of shape (batch, …); got {short(x)}")
        size, known = math.prod(x.shape[1:]), math.prod(n for n in self.shape if n != -1)
        left = size // known
        if left * known != size or (left != 1 and -1 not in self.shape):
            raise ValueError(
                f"each sample has {size} elements, which do not fit shape {self.shape}; "
                f"got x {short(x)}"
            )
        return x.reshape(x.shape[0], *(left if n == -1 else n for n in self.shape)), st
