"""Layers without parameters or state: functions, and changes of shape."""

from collections.abc import Callable

from luxnb.core.layer import Layer


class Identity(Layer):
    """y = x. Parameters: none. State: none."""

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
        if not callable(self.function):
            raise TypeError(f"Function.function must be callable, got {self.function!r}")

    def forward(self, x, ps, st):
        return self.function(x), st


class Flatten(Layer):
    """All axes but the first, the batch, as one: (batch, a, b, …) → (batch, a · b · …).

    Parameters: none. State: none.
    """

    def forward(self, x, ps, st):
        return x.reshape(x.shape[0], -1), st
