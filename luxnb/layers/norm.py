"""Normalisation over the batch."""

from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.types import Activation
from luxnb.layers.checks import last_axis, plain_functions, positive
from luxnb.ops.activations import identity
from luxnb.ops.norm import moments, moving, normalise
from luxnb.ops.shape import along_last


class BatchNorm(Layer):
    """Normalise each channel over the batch and all of space:
    y = activation(scale · (x - μ) / √(σ² + eps) + bias).

    In `Mode.TRAIN`, μ and σ² (biased) are those of x, and the running values move towards them:
    running = (1 - momentum) · running + momentum · new, with the unbiased variance. In
    `Mode.TEST` the running values are used. As PyTorch.

    x is (batch, *space, channels) with at least two elements per channel in training.

    Parameters: `scale`, `bias` (channels,), if `affine`.
    State: `running_mean`, `running_var` (channels,); `mode`.

    S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015.

    >>> layer = BatchNorm(3)
    >>> ps, st = layer.init(0)
    >>> y, st = layer(jnp.arange(6.0).reshape(2, 3), ps, st)
    >>> [round(float(mean), 2) for mean in st.running_mean]
    [0.15, 0.25, 0.35]
    """

    channels: int
    activation: Activation = identity
    _: KW_ONLY
    momentum: float = 0.1
    eps: float = 1e-5
    affine: bool = True

    def check(self):
        positive(self, "channels")
        plain_functions(self, "activation")
        if not 0 <= self.momentum <= 1:
            raise ValueError(f"BatchNorm.momentum must lie in [0, 1], got {self.momentum}")
        if self.eps <= 0:
            raise ValueError(f"BatchNorm.eps must be positive, got {self.eps}")

    def init_params(self, key):
        if not self.affine:
            return {}
        return {
            "scale": jnp.ones(self.channels, jnp.float32),
            "bias": jnp.zeros(self.channels, jnp.float32),
        }

    def init_state(self, key):
        return {
            "running_mean": jnp.zeros(self.channels, jnp.float32),
            "running_var": jnp.ones(self.channels, jnp.float32),
            "mode": Mode.TRAIN,
        }

    def forward(self, x, ps, st):
        last_axis(x, self.channels, "channels")
        if st.mode is Mode.TEST:
            y = normalise(x, st.running_mean, st.running_var, self.eps)
        else:
            n = x.size // self.channels
            if n < 2:
                raise ValueError(
                    "BatchNorm needs at least two elements per channel to train, "
                    f"got x of shape {x.shape}; use a larger batch, or testmode(state)"
                )
            mean, variance = moments(x, tuple(range(x.ndim - 1)))
            y = normalise(x, mean, variance, self.eps)
            unbiased = variance * (n / (n - 1))
            st.running_mean = moving(st.running_mean, mean, self.momentum)
            st.running_var = moving(st.running_var, unbiased, self.momentum)
        if self.affine:
            y = y * along_last(ps.scale, y) + along_last(ps.bias, y)
        return self.activation(y), st
