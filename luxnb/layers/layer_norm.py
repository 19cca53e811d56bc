"""Normalisation over the features of each sample: LayerNorm, RMSNorm."""

from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.types import Activation
from luxnb.layers.checks import above_zero, feature_shape, plain_functions, trailing_axes
from luxnb.layers.norm_parts import fresh_affine
from luxnb.ops.activations import identity
from luxnb.ops.norm import normalise, over_root_mean_square


class LayerNorm(Layer):
    """Normalise each sample over its trailing axes:
    y = activation(scale · (x - μ) / √(σ² + eps) + bias).

    x and y are (*batch, *shape), for any number of batch axes, also none; μ and σ² (biased) are
    over the axes of `shape`, an int for one axis, and never over the batch.

    Parameters: `scale`, `bias` (*shape,), if `affine`. State: none.

    J. L. Ba et al., Layer Normalization, 2016.

    >>> layer = LayerNorm(4)
    >>> ps, st = layer.init(0)
    >>> y, st = layer(jnp.array([[1.0, 3.0, 1.0, 3.0], [8.0, 8.0, 0.0, 0.0]]), ps, st)
    >>> y.round(3).tolist()
    [[-1.0, 1.0, -1.0, 1.0], [1.0, 1.0, -1.0, -1.0]]
    """

    shape: int | tuple[int, ...]
    activation: Activation = identity
    _: KW_ONLY
    eps: float = 1e-5
    affine: bool = True

    def check(self):
        feature_shape(self, "shape")
        plain_functions(self, "activation")
        above_zero(self, "eps")

    def init_params(self, key):
        return fresh_affine(self.shape) if self.affine else {}

    def forward(self, x, ps, st):
        axes = trailing_axes(x, self.shape)
        affine = (ps.scale, ps.bias) if self.affine else ()
        y, _, _ = normalise(x, axes, self.eps, *affine)
        return self.activation(y), st


class RMSNorm(Layer):
    """Divide each sample by the root of its mean square over the trailing axes:
    y = activation(scale · x / √(E[x²] + eps)).

    x and y are (*batch, *shape), for any number of batch axes, also none; E is over the axes of
    `shape`, an int for one axis, and never over the batch.

    Parameters: `scale` (*shape,), if `affine`. State: none.

    B. Zhang, R. Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019.

    >>> layer = RMSNorm(2)
    >>> ps, st = layer.init(0)
    >>> y, st = layer(jnp.array([[5.0, 5.0], [-3.0, 3.0]]), ps, st)
    >>> y.round(3).tolist()
    [[1.0, 1.0], [-1.0, 1.0]]
    """

    shape: int | tuple[int, ...]
    activation: Activation = identity
    _: KW_ONLY
    eps: float = 1e-5
    affine: bool = True

    def check(self):
        feature_shape(self, "shape")
        plain_functions(self, "activation")
        above_zero(self, "eps")

    def init_params(self, key):
        return {"scale": jnp.ones(self.shape, jnp.float32)} if self.affine else {}

    def forward(self, x, ps, st):
        axes = trailing_axes(x, self.shape)
        scale = (ps.scale,) if self.affine else ()
        return self.activation(over_root_mean_square(x, axes, self.eps, *scale)), st
