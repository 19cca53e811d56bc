"""Dropout and AlphaDropout, with their random key in the state."""

from dataclasses import KW_ONLY

import jax

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.layers.checks import from_0_to_1
from luxnb.layers.mask_axes import are_mask_axes, has_axes
from luxnb.ops import dropout


class Dropout(Layer):
    """Zero each element with probability `rate` and scale the rest by 1 / (1 - rate).

    In `Mode.TEST` it is the identity. The same state drops the same elements; the returned state
    holds the next key. A rate of 1 drops all.

    `axes` are those along which the mask is drawn, by default all; along the others, it is the
    same. To drop whole channels of each image (batch, height, width, channels), which elsewhere is
    called Dropout2d: `axes=(0, -1)`. To drop whole samples: `axes=(0,)`.

    Parameters: none. State: `key`, a random key; `mode`.

    N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014.

    >>> layer = Dropout(0.5)
    >>> ps, st = layer.init(0)
    >>> y, st = layer(jnp.ones(4), ps, st)
    >>> layer(jnp.ones(4), ps, testmode(st))[0]
    Array([1., 1., 1., 1.], dtype=float32)
    """

    rate: float = 0.5
    _: KW_ONLY
    axes: tuple[int, ...] | None = None

    def check(self):
        from_0_to_1(self, "rate")
        are_mask_axes(self, "axes")

    def init_state(self, key):
        return {"key": key, "mode": Mode.TRAIN}

    def forward(self, x, ps, st):
        if st.mode is Mode.TEST or self.rate == 0:
            return x, st
        has_axes(x, self.axes)
        key, st.key = jax.random.split(st.key)
        return dropout.dropout(key, x, self.rate, self.axes), st


class AlphaDropout(Layer):
    """Dropout for layers with `jax.nn.selu`, which keeps a mean of 0 and a variance of 1:
    y = a · x + b, and with probability `rate`, a · α + b.

    α = -1.7580993408473766, to which selu falls, a = 1 / √((1 - rate) · (1 + rate · α²)),
    b = -a · α · rate. In `Mode.TEST` it is the identity. A rate of 1 makes all zero.

    Parameters: none. State: `key`, a random key; `mode`.

    G. Klambauer et al., Self-Normalizing Neural Networks, NeurIPS 2017.

    >>> layer = AlphaDropout(0.2)
    >>> y, _ = layer(jax.random.normal(jax.random.key(1), (100_000,)), *layer.init(0))
    >>> abs(round(float(y.mean()), 1)), round(float(y.std()), 1)
    (0.0, 1.0)
    """

    rate: float = 0.5

    def check(self):
        from_0_to_1(self, "rate")

    def init_state(self, key):
        return {"key": key, "mode": Mode.TRAIN}

    def forward(self, x, ps, st):
        if st.mode is Mode.TEST or self.rate == 0:
            return x, st
        key, st.key = jax.random.split(st.key)
        return dropout.alpha_dropout(key, x, self.rate), st
