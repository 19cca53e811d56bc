"""Normalisation over the batch: BatchNorm."""

from dataclasses import KW_ONLY

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.types import Activation
from luxnb.layers.checks import above_zero, from_0_to_1, last_axis, plain_functions, positive
from luxnb.layers.norm_parts import fresh_affine, fresh_running, remember
from luxnb.ops.activations import identity
from luxnb.ops.norm import normalise, normalise_by


class BatchNorm(Layer):
    """Normalise each channel over the batch and all of space:
    y = activation(scale · (x - μ) / √(σ² + eps) + bias).

    In `Mode.TRAIN`, μ and σ² (biased) are those of x, and the running values move towards them:
    running = (1 - momentum) · running + momentum · new, with the unbiased variance. In
    `Mode.TEST` the running values are used. With `track_running=False` there are none, and those
    of x are always used. As PyTorch.

    x is (batch, *space, channels) with at least two elements per channel where its own moments
    are used.

    Parameters: `scale`, `bias` (channels,), if `affine`.
    State: `running_mean`, `running_var` (channels,), `mode`, if `track_running`.

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
    track_running: bool = True

    def check(self):
        positive(self, "channels")
        plain_functions(self, "activation")
        from_0_to_1(self, "momentum")
        above_zero(self, "eps")

    def init_params(self, key):
        return fresh_affine(self.channels) if self.affine else {}

    def init_state(self, key):
        return fresh_running(self.channels) if self.track_running else {}

    def forward(self, x, ps, st):
        last_axis(x, self.channels, "channels")
        affine = (ps.scale, ps.bias) if self.affine else ()
        if self.track_running and st.mode is Mode.TEST:
            y = normalise_by(x, st.running_mean, st.running_var, self.eps, *affine)
            return self.activation(y), st
        count = x.size // self.channels
        if count < 2:
            or_test = ", or testmode(state)" if self.track_running else ""
            raise ValueError(
                "BatchNorm needs at least two elements per channel to train, "
                f"got x of shape {x.shape}; use a larger batch{or_test}"
            )
        axes = tuple(range(x.ndim - 1))
        y, mean, variance = normalise(x, axes, self.eps, *affine)
        if self.track_running:
            remember(st, mean, variance, count, self.momentum)
        return self.activation(y), st
