"""RReLU, with its random key in the state."""

import jax
import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.spec import short
from luxnb.ops.value import is_number


class RReLU(Layer):
    """The leaky ReLU of random slope: y = x where x ≥ 0, else a · x.

    In `Mode.TRAIN`, a is drawn for each element from U(low, high); in `Mode.TEST` it is their mean,
    (low + high) / 2. The same state draws the same slopes; the returned one holds the next key.
    x and y are arrays of one shape, any.

    Parameters: none. State: `key`, a random key; `mode`.

    B. Xu et al., Empirical Evaluation of Rectified Activations in Convolutional Network,
    arXiv 1505.00853.

    >>> layer = RReLU(0.25, 0.75)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.array([-2.0, 2.0]), ps, testmode(st))[0]
    Array([-1.,  2.], dtype=float32)
    """

    low: float = 1 / 8
    high: float = 1 / 3

    def check(self):
        for name in ("low", "high"):
            if not is_number(getattr(self, name)):
                raise ValueError(
                    f"RReLU.{name} must be a finite number, got {short(getattr(self, name))}"
                )
        if self.high < self.low:
            raise ValueError(f"RReLU.high must be at least low = {self.low}, got {self.high}")

    def init_state(self, key):
        return {"key": key, "mode": Mode.TRAIN}

    def forward(self, x, ps, st):
        if st.mode is Mode.TEST:
            return jax.nn.leaky_relu(x, (self.low + self.high) / 2), st
        key, st.key = jax.random.split(st.key)
        # In float32 whatever x is: one key, one set of slopes.
        slopes = jax.random.uniform(key, jnp.shape(x), jnp.float32, self.low, self.high)
        return jax.nn.leaky_relu(x, slopes.astype(jnp.result_type(x, float))), st
