"""The transpose of a convolution, which makes space larger."""

from dataclasses import KW_ONLY

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.spec import short
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
from luxnb.ops import init
from luxnb.ops.activations import identity
from luxnb.ops.conv import conv_transpose, same_transposed, transposed_space
from luxnb.ops.shape import along_last


class ConvTranspose(Layer):
    """Each element of x adds its multiple of the kernel to y: y = activation(xᵀ⋆ weight + bias),
    where xᵀ⋆ is the transpose of the linear map that `Conv` is, its gradient by the input.

    x is (batch, *space, in_channels) with as many axes of space (1 to 3) as `kernel` has;
    y is (batch, *space', out_channels), where each size' = (size - 1) · stride
    - padding before and after + dilation · (kernel - 1) + 1 + output_padding.
    `stride`, `dilation` and `output_padding` are ints or one int an axis; `padding` is an int, one
    int or pair (before, after) an axis, "VALID" (none) or "SAME" (size' = size · stride).
    A `Conv` with a stride maps several sizes to one; `output_padding` says to which to return: it
    lengthens y at its end, and must be smaller than the stride or the dilation.

    Parameters: `weight` (*kernel, in_channels, out_channels // groups), `bias` (out_channels,) if
    `use_bias`; None draws them from U(±1/√fan) with fan = kernel · out_channels // groups, as
    PyTorch. State: none.

    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, 2016.

    >>> layer = ConvTranspose((4, 4), 8, 3, jax.nn.relu, stride=2, padding=1)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.ones((2, 8, 8, 8)), ps, st)[0].shape
    (2, 16, 16, 3)
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
    output_padding: int | tuple[int, ...] = 0
    use_bias: bool = True
    init_weight: Initialiser | None = None
    init_bias: Initialiser | None = None

    def check(self):
        sizes(self, "kernel", 3)
        positive(self, "in_channels", "out_channels", "groups")
        plain_functions(self, "activation")
        initialisers(self, "init_weight", "init_bias")
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups:
                raise ValueError(
                    f"ConvTranspose.{name} must be a multiple of groups = {self.groups}, "
                    f"got {getattr(self, name)}"
                )
        self._window()

    def _window(self):
        """Stride, padding less output padding, and dilation of each axis."""
        axes = len(self.kernel)
        stride = per_axis(self.stride, axes, "ConvTranspose.stride")
        padding = window_padding(self.padding, axes, "ConvTranspose.padding")
        dilation = per_axis(self.dilation, axes, "ConvTranspose.dilation")
        longer = self._output_padding(stride, dilation)
        if padding == "SAME":
            if any(longer):
                raise ValueError(
                    'ConvTranspose.output_padding must be 0 with padding "SAME", which is '
                    f"size' = size · stride, got {self.output_padding!r}"
                )
            return stride, same_transposed(self.kernel, stride, dilation), dilation
        pairs = ((0, 0),) * axes if padding == "VALID" else padding
        pairs = tuple((low, high - more) for (low, high), more in zip(pairs, longer, strict=True))
        return stride, pairs, dilation

    def _output_padding(self, stride, dilation) -> tuple[int, ...]:
        given, axes = self.output_padding, len(self.kernel)
        values = given if isinstance(given, tuple) else (given,) * axes
        if len(values) != axes or not all(
            type(value) is int and 0 <= value < max(s, d)
            for value, s, d in zip(values, stride, dilation, strict=True)
        ):
            raise ValueError(
                f"ConvTranspose.output_padding must be an integer or {axes} of them, each ≥ 0 and "
                f"less than the stride or the dilation, got {given!r}"
            )
        return values

    def init_params(self, key):
        shape = (*self.kernel, self.in_channels, self.out_channels // self.groups)
        default = init.uniform(init.fan_out(shape) ** -0.5)
        weight = (self.init_weight or default)(key_for(key, "weight"), shape)
        if not self.use_bias:
            return {"weight": weight}
        bias = (self.init_bias or default)(key_for(key, "bias"), (self.out_channels,))
        return {"weight": weight, "bias": bias}

    def forward(self, x, ps, st):
        space_axes(x, len(self.kernel), self.in_channels)
        window = self._window()
        if min(transposed_space(x.shape[1:-1], self.kernel, *window)) < 1:
            raise ValueError(f"padding = {self.padding!r} leaves nothing of y for x {short(x)}")
        y = conv_transpose(x, ps.weight, *window, self.groups)
        if self.use_bias:
            y = y + along_last(ps.bias, y)
        return self.activation(y), st
