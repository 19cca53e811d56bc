"""Embedding: a vector for each id."""

from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.core.types import Initialiser
from luxnb.layers.checks import feature_shape, initialisers, positive
from luxnb.ops import init
from luxnb.ops.lookup import lookup


class Embedding(Layer):
    """Look up a vector for each id: y[…] = weight[x[…]].

    x is an array of integers from 0 to vocabulary - 1, of any shape (…); y is (…, dims). A
    vocabulary of several sizes, `(rows, columns)`, takes a tuple of as many arrays of one shape and
    gives weight[x1[…], x2[…]]. An id outside of the vocabulary, also a negative one, gives NaN: in
    a compiled program nothing can be raised, and any vector would hide the mistake.

    Parameters: `weight` (*vocabulary, dims), from N(0, 1) by default, as PyTorch. State: none.

    >>> layer = Embedding(1000, 16)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.array([[3, 1, 4], [1, 5, 9]]), ps, st)[0].shape
    (2, 3, 16)
    """

    vocabulary: int | tuple[int, ...]
    dims: int
    _: KW_ONLY
    init_weight: Initialiser = init.normal()

    def check(self):
        feature_shape(self, "vocabulary")
        positive(self, "dims")
        initialisers(self, "init_weight")

    def _sizes(self) -> tuple[int, ...]:
        return self.vocabulary if isinstance(self.vocabulary, tuple) else (self.vocabulary,)

    def init_params(self, key):
        shape = (*self._sizes(), self.dims)
        return {"weight": self.init_weight(key_for(key, "weight"), shape)}

    def forward(self, x, ps, st):
        ids = _ids(x, len(self._sizes()) if isinstance(self.vocabulary, tuple) else None)
        return lookup(ps.weight, *ids), st


def _ids(x, count: int | None) -> tuple:
    """The arrays of ids: x itself, or as many as the vocabulary has sizes."""
    ids = x if count and isinstance(x, tuple) else (x,)
    if (
        (count and (not isinstance(x, tuple) or len(ids) != count))
        or not all(is_array(i) and jnp.issubdtype(i.dtype, jnp.integer) for i in ids)
        or len({i.shape for i in ids}) > 1
    ):
        wanted = f"a tuple of {count} arrays of integers of one shape" if count else "integers"
        raise TypeError(f"expected x to be {wanted}, got {short(x)}")
    return ids
