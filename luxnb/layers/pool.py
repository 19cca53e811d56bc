"""Pooling over windows of space."""

from dataclasses import KW_ONLY

from luxnb.core.layer import Layer
from luxnb.layers.checks import per_axis, sizes, space_axes, window_padding
from luxnb.layers.space import norm_order, windows_fit
from luxnb.ops.pool import max_pool, mean_pool, p_norm, sum_pool


class MaxPool(Layer):
    """The largest element of each window of space, channel by channel.

    x is (batch, *space, channels) with as many axes of space (1 to 3) as `window` has. `stride` is
    the window by default, so that windows do not overlap; `padding` and the size of y as in `Conv`.
    Padding never wins: a window of nothing else is -∞. The gradient goes to the first of the
    largest elements, as PyTorch's.

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
        _window(self)

    def forward(self, x, ps, st):
        return max_pool(x, *_window(self, x)), st


class MeanPool(Layer):
    """The mean of each window of space, channel by channel.

    x is (batch, *space, channels) with as many axes of space (1 to 3) as `window` has. `stride` is
    the window by default; `padding` and the size of y as in `Conv`. The zeros of padding given by
    numbers count as elements, as PyTorch's, unless `count_padding=False`; those of "SAME" never
    count. A window of nothing but padding is 0.

    Parameters: none. State: none.

    >>> layer = MeanPool((2, 2))
    >>> ps, st = layer.init(0)
    >>> layer(jnp.arange(16.0).reshape(1, 4, 4, 1), ps, st)[0].ravel()
    Array([ 2.5,  4.5, 10.5, 12.5], dtype=float32)
    """

    window: tuple[int, ...]
    _: KW_ONLY
    stride: int | tuple[int, ...] | None = None
    padding: int | str | tuple = 0
    dilation: int | tuple[int, ...] = 1
    count_padding: bool = True

    def check(self):
        sizes(self, "window", 3)
        _window(self)

    def forward(self, x, ps, st):
        return mean_pool(x, *_window(self, x), self.count_padding), st


class LPPool(Layer):
    """The p-norm of each window of space, channel by channel: y = (Σ |x|^p)^(1/p), p ≥ 1.

    x is (batch, *space, channels) with as many axes of space (1 to 3) as `window` has. `stride` is
    the window by default; `padding` and the size of y as in `Conv`. Where y is 0, so is the
    gradient. (PyTorch takes no absolute value, and has NaN for an odd p where the sum is negative.)

    Parameters: none. State: none.

    C. Gulcehre et al., Learned-Norm Pooling for Deep Feedforward and Recurrent Networks, 2014.

    >>> layer = LPPool((2,), 2)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.array([3.0, 4.0, -6.0, 8.0]).reshape(1, 4, 1), ps, st)[0].ravel()
    Array([ 5., 10.], dtype=float32)
    """

    window: tuple[int, ...]
    p: float = 2
    _: KW_ONLY
    stride: int | tuple[int, ...] | None = None
    padding: int | str | tuple = 0
    dilation: int | tuple[int, ...] = 1

    def check(self):
        sizes(self, "window", 3)
        norm_order(self)
        _window(self)

    def forward(self, x, ps, st):
        window = _window(self, x)
        return p_norm(x, self.p, lambda powers: sum_pool(powers, *window)), st


def _window(layer, x=None):
    """Window, stride, padding and dilation of each axis; an x must have space for them."""
    window, name = layer.window, type(layer).__name__
    axes = len(window)
    stride = per_axis(window if layer.stride is None else layer.stride, axes, f"{name}.stride")
    padding = window_padding(layer.padding, axes, f"{name}.padding")
    dilation = per_axis(layer.dilation, axes, f"{name}.dilation")
    if x is not None:
        space_axes(x, axes)
        windows_fit(x, window, padding, dilation)
    return window, stride, padding, dilation
