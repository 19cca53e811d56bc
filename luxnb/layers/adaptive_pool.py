"""Pooling to a given size, whatever the size of the input."""

from luxnb.core.layer import Layer
from luxnb.layers.checks import sizes, space_axes
from luxnb.layers.space import norm_order
from luxnb.ops.adaptive import adaptive_max, adaptive_mean, adaptive_sum
from luxnb.ops.pool import p_norm


class AdaptiveMaxPool(Layer):
    """The largest element of each of `size` windows of space, channel by channel.

    x is (batch, *space, channels) with as many axes of space (1 to 3) as `size` has, y is
    (batch, *size, channels). Along an axis of n elements, window i of m reaches from ⌊i·n/m⌋ to
    ⌈(i+1)·n/m⌉: windows differ in length and overlap where m does not divide n, and m may be larger
    than n. As PyTorch.

    Parameters: none. State: none.

    >>> layer = AdaptiveMaxPool((3,))
    >>> ps, st = layer.init(0)
    >>> layer(jnp.arange(7.0).reshape(1, 7, 1), ps, st)[0].ravel()
    Array([2., 4., 6.], dtype=float32)
    """

    size: tuple[int, ...]

    def check(self):
        sizes(self, "size", 3)

    def forward(self, x, ps, st):
        space_axes(x, len(self.size))
        return adaptive_max(x, self.size), st


class AdaptiveMeanPool(Layer):
    """The mean of each of `size` windows of space, channel by channel.

    x is (batch, *space, channels), y is (batch, *size, channels); the windows are those of
    `AdaptiveMaxPool`, and PyTorch's.

    Parameters: none. State: none.

    >>> layer = AdaptiveMeanPool((3,))
    >>> ps, st = layer.init(0)
    >>> layer(jnp.arange(7.0).reshape(1, 7, 1), ps, st)[0].ravel()
    Array([1., 3., 5.], dtype=float32)
    """

    size: tuple[int, ...]

    def check(self):
        sizes(self, "size", 3)

    def forward(self, x, ps, st):
        space_axes(x, len(self.size))
        return adaptive_mean(x, self.size), st


class AdaptiveLPPool(Layer):
    """The p-norm of each of `size` windows of space, channel by channel: (Σ |x|^p)^(1/p), p ≥ 1.

    x is (batch, *space, channels), y is (batch, *size, channels); the windows are those of
    `AdaptiveMaxPool`. Where y is 0, so is the gradient.

    Parameters: none. State: none.

    >>> layer = AdaptiveLPPool((2,), 2)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.array([3.0, 0.0, 4.0]).reshape(1, 3, 1), ps, st)[0].ravel()
    Array([3., 4.], dtype=float32)
    """

    size: tuple[int, ...]
    p: float = 2

    def check(self):
        sizes(self, "size", 3)
        norm_order(self)

    def forward(self, x, ps, st):
        space_axes(x, len(self.size))
        return p_norm(x, self.p, lambda powers: adaptive_sum(powers, self.size)), st
