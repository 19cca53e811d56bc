"""Layers without parameters or state: functions, and changes of shape."""

import math
from collections.abc import Callable

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.layers.checks import plain_functions


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
    """All axes but the first, the batch, as one: (batch, a, b, …) → (batch, a · b · …).

    Parameters: none. State: none.

    >>> layer = Flatten()
    >>> layer(jnp.ones((2, 3, 4)), *layer.init(0))[0].shape
    (2, 12)
    """

    def forward(self, x, ps, st):
        if not getattr(x, "shape", None):
            raise ValueError(f"expected x of shape (batch, …); got {short(x)}")
        return x.reshape(x.shape[0], math.prod(x.shape[1:])), st
