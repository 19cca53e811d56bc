"""Pooling over all of space."""

import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.layers.space import any_space, norm_order
from luxnb.ops.pool import p_norm


class GlobalMaxPool(Layer):
    """The largest element of each channel: (batch, *space, channels) → (batch, 1, …, channels).

    x has 1 to 3 axes of space, each of which y has with size 1. Equal largest elements share the
    gradient. A `Flatten` after it leaves (batch, channels).

    Parameters: none. State: none.

    >>> layer = GlobalMaxPool()
    >>> ps, st = layer.init(0)
    >>> layer(jnp.arange(6.0).reshape(1, 3, 2), ps, st)[0]
    Array([[[4., 5.]]], dtype=float32)
    """

    def forward(self, x, ps, st):
        return jnp.max(x, _space(x), keepdims=True), st


class GlobalMeanPool(Layer):
    """The mean of each channel: (batch, *space, channels) → (batch, 1, …, channels).

    x has 1 to 3 axes of space, each of which y has with size 1. A `Flatten` after it leaves
    (batch, channels).

    Parameters: none. State: none.

    M. Lin, Q. Chen, S. Yan, Network In Network, ICLR 2014.

    >>> layer = GlobalMeanPool()
    >>> ps, st = layer.init(0)
    >>> layer(jnp.arange(6.0).reshape(1, 3, 2), ps, st)[0]
    Array([[[2., 3.]]], dtype=float32)
    """

    def forward(self, x, ps, st):
        return jnp.mean(x, _space(x), keepdims=True), st


class GlobalLPPool(Layer):
    """The p-norm of each channel, (Σ |x|^p)^(1/p): (batch, *space, channels) →
    (batch, 1, …, channels), with p ≥ 1.

    x has 1 to 3 axes of space, each of which y has with size 1. Where y is 0, so is the gradient.

    Parameters: none. State: none.

    >>> layer = GlobalLPPool(2)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.array([3.0, 4.0]).reshape(1, 2, 1), ps, st)[0]
    Array([[[5.]]], dtype=float32)
    """

    p: float = 2

    def check(self):
        norm_order(self)

    def forward(self, x, ps, st):
        space = _space(x)
        return p_norm(x, self.p, lambda powers: powers.sum(space, keepdims=True)), st


def _space(x) -> tuple[int, ...]:
    return tuple(range(1, any_space(x) + 1))
