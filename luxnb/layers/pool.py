"""Pooling over windows of space."""

from dataclasses import KW_ONLY

from luxnb.core.layer import Layer
from luxnb.layers.checks import per_axis, sizes, space_axes, window_padding
from luxnb.ops.conv import max_pool


class MaxPool(Layer):
    """The largest element of each window of space, channel by channel.

    x is (batch, *space, channels) with as many axes of space (1 to 3) as `window` has. `stride` is
    the window by default, so that windows do not overlap; `padding` as in `Conv`; it never wins.

    Parameters: none. State: none.

    >>> layer = MaxPool((2, 2))
    >>> ps, st = layer.init(0)
    >>> layer(jnp.arange(16.0).reshape(1, 4, 4, 1), ps, st)[0].ravel()
    Array([ 5.,  7., 13., 15.], dtype=float32)
    """

    window: tuple[int, ...]
    _: KW_ONLY
    stride: int | tuple[int, ...] | None = None
    padding: int | str | tuple = 0
    dilation: int | tuple[int, ...] = 1

    def check(self):
        sizes(self, "window", 3)
        self._window()

    def _window(self):
        axes = len(self.window)
        stride = self.window if self.stride is None else self.stride
        return (
            per_axis(stride, axes, "MaxPool.stride"),
            window_padding(self.padding, axes, "MaxPool.padding"),
            per_axis(self.dilation, axes, "MaxPool.dilation"),
        )

    def forward(self, x, ps, st):
        space_axes(x, len(self.window))
        return max_pool(x, self.window, *self._window()), st
