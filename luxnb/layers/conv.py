"""Convolution, in the sense of deep learning: cross-correlation."""

from dataclasses import KW_ONLY

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.types import Activation, Initialiser
from luxnb.layers.checks import (
    initialisers,
    per_axis,
    plain_functions,
    positive,
    sizes,
    space_axes,
    window_padding,
)
from luxnb.layers.space import windows_fit
from luxnb.ops import init
from luxnb.ops.activations import identity
from luxnb.ops.conv import conv
from luxnb.ops.shape import along_last


class Conv(Layer):
    """Slide a window over space: y = activation(x ⋆ weight + bias), not flipping the kernel.

    x is (batch, *space, in_channels) with as many axes of space (1 to 3) as `kernel` has;
    y is (batch, *space', out_channels), where each
    size' = ⌊(size + padding before and after - dilation · (kernel - 1) - 1) / stride⌋ + 1.
    `stride` and `dilation` are ints or one int an axis; `padding` is an int, one int or pair
    (before, after) an axis, "SAME" or "VALID".

    Parameters: `weight` (*kernel, in_channels // groups, out_channels), `bias` (out_channels,) if
    `use_bias`; both from U(±1/√fan_in) by default, as PyTorch. State: none.

    >>> layer = Conv((3, 3), 1, 8, jax.nn.relu, padding="SAME")
    >>> ps, st = layer.init(0)
    >>> layer(jnp.ones((2, 8, 8, 1)), ps, st)[0].shape
    (2, 8, 8, 8)
    """

    kernel: tuple[int, ...]
    in_channels: int
    out_channels: int
    activation: Activation = identity
    _: KW_ONLY
    stride: int | tuple[int, ...] = 1
    padding: int | str | tuple = 0
    dilation: int | tuple[int, ...] = 1
    groups: int = 1
    use_bias: bool = True
    init_weight: Initialiser = init.fan_in_uniform()
    init_bias: Initialiser | None = None

    def check(self):
        sizes(self, "kernel", 3)
        positive(self, "in_channels", "out_channels", "groups")
        plain_functions(self, "activation")
        initialisers(self, "init_weight", "init_bias")
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups:
                raise ValueError(
                    f"Conv.{name} must be a multiple of groups = {self.groups}, "
                    f"got {getattr(self, name)}"
                )
        self._window()

    def _window(self):
        axes = len(self.kernel)
        stride = per_axis(self.stride, axes, "Conv.stride")
        dilation = per_axis(self.dilation, axes, "Conv.dilation")
        return stride, window_padding(self.padding, axes, "Conv.padding"), dilation

    def init_params(self, key):
        shape = (*self.kernel, self.in_channels // self.groups, self.out_channels)
        weight = self.init_weight(key_for(key, "weight"), shape)
        if not self.use_bias:
            return {"weight": weight}
        init_bias = self.init_bias or init.uniform(init.fan_in(shape) ** -0.5)
        return {"weight": weight, "bias": init_bias(key_for(key, "bias"), (self.out_channels,))}

    def forward(self, x, ps, st):
        space_axes(x, len(self.kernel), self.in_channels)
        stride, padding, dilation = self._window()
        windows_fit(x, self.kernel, padding, dilation)
        y = conv(x, ps.weight, stride, padding, dilation, self.groups)
        if self.use_bias:
            y = y + along_last(ps.bias, y)
        return self.activation(y), st
