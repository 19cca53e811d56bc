"""Layers without parameters or state: functions, and changes of shape."""

import math
from collections.abc import Callable

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.layers.checks import plain_functions, positive


class Identity(Layer):
    """The layer that does nothing: y = x.

    Parameters: none. State: none.

    >>> layer = Identity()
    >>> layer("anything", *layer.init(0))[0]
    'anything'
    """

    def forward(self, x, ps, st):
        return x, st


class Function(Layer):
    """A plain function as a layer: y = function(x). Containers wrap functions by themselves.

    Parameters: none. State: none.

    >>> layer = Function(jnp.sin)
    >>> layer(0.0, *layer.init(0))[0]
    Array(0., dtype=float32, weak_type=True)
    """

    function: Callable

    def check(self):
        plain_functions(self, "function")

    def forward(self, x, ps, st):
        return self.function(x), st


class Flatten(Layer):
    """Several axes as one: (batch, a, b, …) → (batch, a · b · …).

    `axes` is how many after the first, the batch, become one; None is all of them.

    Parameters: none. State: none.

    >>> layer = Flatten()
    >>> layer(jnp.ones((2, 3, 4)), *layer.init(0))[0].shape
    (2, 12)
    >>> pixels = Flatten(2)
    >>> pixels(jnp.ones((2, 28, 28, 3)), *pixels.init(0))[0].shape
    (2, 784, 3)
    """

    axes: int | None = None

    def check(self):
        if self.axes is not None:
            positive(self, "axes")

    def forward(self, x, ps, st):
        shape = getattr(x, "shape", None)
        if not shape or (self.axes and len(shape) <= self.axes):
            more = f" with at least {self.axes + 1} axes" if self.axes else ""
            raise ValueError(f"expected x of shape (batch, …){more}; got {short(x)}")
        end = len(shape) if self.axes is None else 1 + self.axes
        return x.reshape(shape[0], math.prod(shape[1:end]), *shape[end:]), st
