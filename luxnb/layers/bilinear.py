"""Bilinear: a map of pairs that is linear in each."""

from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.core.types import Activation, Initialiser
from luxnb.layers.checks import initialisers, plain_functions, positive
from luxnb.ops import init
from luxnb.ops.activations import identity
from luxnb.ops.shape import along_last


class Bilinear(Layer):
    """A map of pairs that is linear in each: y_k = activation(x₁ᵀ · weight_k · x₂ + bias_k).

    x is a pair of (*batch, in1_dims) and (*batch, in2_dims), or one array, which is then both;
    y is (*batch, out_dims).

    Parameters: `weight` (out_dims, in1_dims, in2_dims), `bias` (out_dims,) if `use_bias`; an
    initialiser that is None draws from U(±1/√in1_dims), as PyTorch. State: none.

    >>> layer = Bilinear(3, 4, 2)
    >>> ps, st = layer.init(0)
    >>> layer((jnp.ones((5, 3)), jnp.ones((5, 4))), ps, st)[0].shape
    (5, 2)
    """

    in1_dims: int
    in2_dims: int
    out_dims: int
    activation: Activation = identity
    _: KW_ONLY
    use_bias: bool = True
    init_weight: Initialiser | None = None
    init_bias: Initialiser | None = None

    def check(self):
        positive(self, "in1_dims", "in2_dims", "out_dims")
        plain_functions(self, "activation")
        initialisers(self, "init_weight", "init_bias")

    def init_params(self, key):
        default = init.uniform(self.in1_dims**-0.5)
        shape = (self.out_dims, self.in1_dims, self.in2_dims)
        weight = (self.init_weight or default)(key_for(key, "weight"), shape)
        if not self.use_bias:
            return {"weight": weight}
        bias = (self.init_bias or default)(key_for(key, "bias"), (self.out_dims,))
        return {"weight": weight, "bias": bias}

    def forward(self, x, ps, st):
        first, second = self._pair(x)
        y = jnp.einsum("...i,kij,...j->...k", first, ps.weight, second)
        if self.use_bias:
            y = y + along_last(ps.bias, y)
        return self.activation(y), st

    def _pair(self, x):
        pair = x if isinstance(x, tuple) else (x, x)
        shapes = [tuple(v.shape) for v in pair if is_array(v)]
        sizes = [shape[-1:] for shape in shapes]
        batches = {shape[:-1] for shape in shapes}
        if len(pair) != 2 or sizes != [(self.in1_dims,), (self.in2_dims,)] or len(batches) != 1:
            raise ValueError(
                f"expected a pair x of shapes (…, {self.in1_dims}), in1_dims, and "
                f"(…, {self.in2_dims}), in2_dims, with the same batch; got {short(x)}"
            )
        return pair
