"""Dropout, with its random key in the state."""

import jax

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.ops import dropout


class Dropout(Layer):
    """Zero each element with probability `rate` and scale the rest by 1 / (1 - rate).

    In `Mode.TEST` it is the identity. The same state drops the same elements; the returned state
    holds the next key.

    Parameters: none. State: `key`, a random key; `mode`.

    N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014.

    >>> layer = Dropout(0.5)
    >>> ps, st = layer.init(0)
    >>> y, st = layer(jnp.ones(4), ps, st)
    >>> layer(jnp.ones(4), ps, testmode(st))[0]
    Array([1., 1., 1., 1.], dtype=float32)
    """

    rate: float = 0.5

    def check(self):
        if not 0 <= self.rate < 1:
            raise ValueError(f"Dropout.rate must lie in [0, 1), got {self.rate}")

    def init_state(self, key):
        return {"key": key, "mode": Mode.TRAIN}

    def forward(self, x, ps, st):
        if st.mode is Mode.TEST or self.rate == 0:
            return x, st
        key, st.key = jax.random.split(st.key)
        return dropout.dropout(key, x, self.rate), st
