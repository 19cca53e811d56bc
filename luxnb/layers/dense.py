"""Dense: an affine map of the last axis."""

from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.types import Activation, Initialiser
from luxnb.layers.checks import initialisers, last_axis, plain_functions, positive
from luxnb.ops import init
from luxnb.ops.activations import identity
from luxnb.ops.linear import linear
from luxnb.ops.shape import along_last


class Dense(Layer):
    """An affine map of the last axis: y = activation(x · weight + bias).

    x is (*batch, in_dims), y is (*batch, out_dims), for any number of batch axes, also none.

    Parameters: `weight` (in_dims, out_dims), `bias` (out_dims,) if `use_bias`.
    `init_bias=None` draws it from U(±1/√in_dims), as `init_weight` does by default and as PyTorch.
    State: none.

    >>> layer = Dense(3, 4, jax.nn.relu)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.ones((2, 3)), ps, st)[0].shape
    (2, 4)
    """

    in_dims: int
    out_dims: int
    activation: Activation = identity
    _: KW_ONLY
    use_bias: bool = True
    init_weight: Initialiser = init.fan_in_uniform()
    init_bias: Initialiser | None = None

    def check(self):
        positive(self, "in_dims", "out_dims")
        plain_functions(self, "activation")
        initialisers(self, "init_weight", "init_bias")

    def init_params(self, key):
        weight = self.init_weight(key_for(key, "weight"), (self.in_dims, self.out_dims))
        if not self.use_bias:
            return {"weight": weight}
        init_bias = self.init_bias or init.uniform(self.in_dims**-0.5)
        return {"weight": weight, "bias": init_bias(key_for(key, "bias"), (self.out_dims,))}

    def forward(self, x, ps, st):
        last_axis(x, self.in_dims, "in_dims")
        y = linear(jnp.asarray(x), ps.weight)
        if self.use_bias:
            y = y + along_last(ps.bias, y)
        return self.activation(y), st
