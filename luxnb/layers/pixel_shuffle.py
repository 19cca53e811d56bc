"""Channels moved into space."""

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.layers.checks import positive
from luxnb.layers.space import any_space
from luxnb.ops.resize import pixel_shuffle


class PixelShuffle(Layer):
    """Channels become finer space: (batch, *space, channels · factorᵈ) →
    (batch, *(factor · space), channels), where d is the number of axes of space, 1 to 3.

    y[h · factor + i, w · factor + j, c] = x[h, w, (c · factor + i) · factor + j] for two axes, and
    so on; the order of channels is PyTorch's.

    Parameters: none. State: none.

    W. Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
    Convolutional Neural Network, CVPR 2016.

    >>> layer = PixelShuffle(2)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.arange(4.0).reshape(1, 1, 1, 4), ps, st)[0][0, :, :, 0]
    Array([[0., 1.],
           [2., 3.]], dtype=float32)
    """

    factor: int

    def check(self):
        positive(self, "factor")

    def forward(self, x, ps, st):
        axes = any_space(x)
        if x.shape[-1] % self.factor**axes:
            raise ValueError(
                f"expected x with a multiple of factor{'' if axes == 1 else f'^{axes}'} = "
                f"{self.factor**axes} channels; got {short(x)}"
            )
        return pixel_shuffle(x, self.factor), st
