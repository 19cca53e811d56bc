"""Scale: a weight for each feature."""

from dataclasses import KW_ONLY

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.types import Activation, Initialiser
from luxnb.layers.checks import feature_shape, initialisers, plain_functions, trailing_axes
from luxnb.ops import init
from luxnb.ops.activations import identity
from luxnb.ops.shape import along_last


class Scale(Layer):
    """A weight for each feature: y = activation(weight ⊙ x + bias).

    x and y are (*batch, *shape). `shape` is a tuple, or an int for one axis.

    Parameters: `weight` (*shape,), 1 at first; `bias` (*shape,), 0 at first, if `use_bias`.
    State: none.

    >>> layer = Scale(3)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.arange(3.0), ps, st)[0]
    Array([0., 1., 2.], dtype=float32)
    """

    shape: int | tuple[int, ...]
    activation: Activation = identity
    _: KW_ONLY
    use_bias: bool = True
    init_weight: Initialiser = init.ones()
    init_bias: Initialiser = init.zeros()

    def check(self):
        feature_shape(self, "shape")
        plain_functions(self, "activation")
        initialisers(self, "init_weight", "init_bias")

    def init_params(self, key):
        shape = self.shape if isinstance(self.shape, tuple) else (self.shape,)
        weight = self.init_weight(key_for(key, "weight"), shape)
        if not self.use_bias:
            return {"weight": weight}
        return {"weight": weight, "bias": self.init_bias(key_for(key, "bias"), shape)}

    def forward(self, x, ps, st):
        trailing_axes(x, self.shape)
        y = x * along_last(ps.weight, x)
        if self.use_bias:
            y = y + along_last(ps.bias, y)
        return self.activation(y), st
