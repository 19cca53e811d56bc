"""Normalisation of each sample over space, by channel or by groups of them."""

import math
from dataclasses import KW_ONLY

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.types import Activation
from luxnb.layers.checks import (
    above_zero,
    channels_last,
    from_0_to_1,
    plain_functions,
    positive,
)
from luxnb.layers.norm_parts import fresh_affine, fresh_running, remember
from luxnb.ops.activations import identity
from luxnb.ops.norm import normalise, normalise_by


class GroupNorm(Layer):
    """Normalise each sample over space and over each of `groups` groups of neighbouring channels:
    y = activation(scale · (x - μ) / √(σ² + eps) + bias).

    x and y are (batch, *space, channels), with any number of axes of space, also none. μ and σ²
    (biased) are those of one group in one sample; scale and bias are each channel's own.

    Parameters: `scale`, `bias` (channels,), if `affine`. State: none.

    Y. Wu, K. He, Group Normalization, ECCV 2018.

    >>> layer = GroupNorm(4, groups=2)
    >>> ps, st = layer.init(0)
    >>> y, st = layer(jnp.array([[1.0, 3.0, 50.0, 10.0]]), ps, st)
    >>> y.round(3).tolist()
    [[-1.0, 1.0, 1.0, -1.0]]
    """

    channels: int
    groups: int
    activation: Activation = identity
    _: KW_ONLY
    eps: float = 1e-5
    affine: bool = True

    def check(self):
        positive(self, "channels", "groups")
        plain_functions(self, "activation")
        above_zero(self, "eps")
        if self.channels % self.groups:
            raise ValueError(
                f"GroupNorm.channels must be a multiple of groups = {self.groups}, "
                f"got {self.channels}"
            )

    def init_params(self, key):
        return fresh_affine(self.channels) if self.affine else {}

    def forward(self, x, ps, st):
        channels_last(x, self.channels)
        grouped = (self.groups, self.channels // self.groups)
        affine = (ps.scale.reshape(grouped), ps.bias.reshape(grouped)) if self.affine else ()
        in_groups = x.reshape(*x.shape[:-1], *grouped)
        axes = (*range(1, x.ndim - 1), x.ndim)  # all but the batch and the groups
        y, _, _ = normalise(in_groups, axes, self.eps, *affine)
        return self.activation(y.reshape(x.shape)), st


class InstanceNorm(Layer):
    """Normalise each channel of each sample over space:
    y = activation(scale · (x - μ) / √(σ² + eps) + bias).

    x and y are (batch, *space, channels) with at least one axis of space, and at least two elements
    in space where the moments of x are used. These are always used, unless `track_running`: then
    running values move towards their mean over the batch in `Mode.TRAIN`,
    running = (1 - momentum) · running + momentum · new, with the unbiased variance, and are used
    in `Mode.TEST`. As PyTorch.

    Parameters: `scale`, `bias` (channels,), if `affine`.
    State: `running_mean`, `running_var` (channels,), `mode`, if `track_running`.

    D. Ulyanov et al., Instance Normalization: The Missing Ingredient for Fast Stylization, 2016.

    >>> layer = InstanceNorm(2)
    >>> y, _ = layer(jnp.array([[[1.0, 30.0], [2.0, 10.0]]]), *layer.init(0))
    >>> y.round(3).tolist()
    [[[-1.0, 1.0], [1.0, -1.0]]]
    """

    channels: int
    activation: Activation = identity
    _: KW_ONLY
    momentum: float = 0.1
    eps: float = 1e-5
    affine: bool = False
    track_running: bool = False

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
        channels_last(x, self.channels, space=1)
        affine = (ps.scale, ps.bias) if self.affine else ()
        if self.track_running and st.mode is Mode.TEST:
            y = normalise_by(x, st.running_mean, st.running_var, self.eps, *affine)
            return self.activation(y), st
        count = math.prod(x.shape[1:-1])
        if count < 2:
            raise ValueError(
                f"InstanceNorm needs at least two elements in space, got x of shape {x.shape}"
            )
        y, mean, variance = normalise(x, tuple(range(1, x.ndim - 1)), self.eps, *affine)
        if self.track_running:
            remember(st, mean, variance, count, self.momentum)
        return self.activation(y), st
