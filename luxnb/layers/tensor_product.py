"""TensorProduct: a function of several coordinates, expanded in products of basis functions."""

import string
from collections.abc import Callable
from dataclasses import KW_ONLY

import jax
import jax.numpy as jnp

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.types import Array, Initialiser
from luxnb.layers.checks import initialisers, last_axis, positive
from luxnb.ops import init

_LETTERS = string.ascii_lowercase[:-1]  # z stands for the output


class TensorProduct(Layer):
    """Expand a function of d coordinates in all products of their basis functions:
    y_z = Σ_{i, j, …} weight[i, j, …, z] · a_i(x_0) · b_j(x_1) · …

    `bases` holds one basis for each coordinate, on the last axis of x: `basis.Chebyshev(3)`, or
    any function (*batch) → (*batch, n). x is (*batch, d), y is (*batch, out_dims).

    Parameters: `weight` (n_0, …, n_{d-1}, out_dims), U(±1/√(n_0 · … · n_{d-1})) by default.
    State: none.

    >>> layer = TensorProduct((basis.Chebyshev(3), basis.Fourier(5)), 2)
    >>> ps, st = layer.init(0)
    >>> ps.weight.shape
    (3, 5, 2)
    >>> layer(jnp.ones((4, 2)), ps, st)[0].shape
    (4, 2)
    """

    bases: tuple[Callable[[Array], Array], ...]
    out_dims: int
    _: KW_ONLY
    init_weight: Initialiser = init.fan_in_uniform()

    def check(self):
        positive(self, "out_dims")
        initialisers(self, "init_weight")
        if not isinstance(self.bases, tuple) or not 1 <= len(self.bases) <= len(_LETTERS):
            raise ValueError(
                f"TensorProduct.bases must be a tuple of 1 to {len(_LETTERS)} bases, one for each "
                f"coordinate, got {self.bases!r}"
            )
        for basis in self.bases:
            _size(basis)

    def init_params(self, key):
        shape = (*map(_size, self.bases), self.out_dims)
        return {"weight": self.init_weight(key_for(key, "weight"), shape)}

    def forward(self, x, ps, st):
        last_axis(x, len(self.bases), "len(bases)")
        letters = _LETTERS[: len(self.bases)]
        factors = [basis(x[..., i]) for i, basis in enumerate(self.bases)]
        terms = ",".join(f"...{letter}" for letter in letters)
        return jnp.einsum(f"{terms},{letters}z->...z", *factors, ps.weight), st


def _size(basis) -> int:
    """How many functions a basis has: what it makes of one number."""
    if not callable(basis):
        raise TypeError(f"TensorProduct.bases must be functions of an array, got {basis!r}")
    values = jax.eval_shape(basis, jax.ShapeDtypeStruct((), jnp.float32))
    if not isinstance(values, jax.ShapeDtypeStruct) or len(values.shape) != 1:
        raise ValueError(
            f"TensorProduct.bases must be functions (*batch) -> (*batch, n), but {basis!r} "
            f"makes {short(values)} of one number"
        )
    return values.shape[0]
