"""VariationalHiddenDropout, whose mask stays until it is renewed."""

from dataclasses import KW_ONLY
from typing import TypeVar

import jax
import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.layers.checks import from_0_to_1
from luxnb.layers.mask_axes import are_mask_axes, has_axes
from luxnb.ops import dropout

T = TypeVar("T")


class VariationalHiddenDropout(Layer):
    """Dropout with the same mask in every call, until `renew_masks(state)`: for the steps of a
    recurrence.

    Zeroes each element with probability `rate` and scales the rest by 1 / (1 - rate); in
    `Mode.TEST` it is the identity. The mask is not kept, but the key it is drawn from: inputs of
    one shape have the same mask, those of another have another. `axes` are those along which it is
    drawn, by default all.

    Parameters: none.
    State: `key`, a random key; `renew` (), True if the next call is to take a new key; `mode`.

    Y. Gal, Z. Ghahramani, A Theoretically Grounded Application of Dropout in Recurrent Neural
    Networks, NeurIPS 2016.

    >>> layer = VariationalHiddenDropout(0.5)
    >>> ps, st = layer.init(0)
    >>> one, st = layer(jnp.ones(32), ps, st)
    >>> two, st = layer(jnp.ones(32), ps, st)
    >>> other, st = layer(jnp.ones(32), ps, renew_masks(st))
    >>> bool((one == two).all()), bool((one == other).all())
    (True, False)
    """

    rate: float = 0.5
    _: KW_ONLY
    axes: tuple[int, ...] | None = None

    def check(self):
        from_0_to_1(self, "rate")
        are_mask_axes(self, "axes")

    def init_state(self, key):
        return {"key": key, "renew": jnp.array(True), "mode": Mode.TRAIN}

    def forward(self, x, ps, st):
        if st.mode is Mode.TEST or self.rate == 0:
            return x, st
        has_axes(x, self.axes)
        _, following = jax.random.split(st.key)
        st.key = jnp.where(st.renew, following, st.key)
        st.renew = jnp.zeros_like(st.renew)
        key, _ = jax.random.split(st.key)
        return dropout.dropout(key, x, self.rate, self.axes), st


def renew_masks(state: T) -> T:
    """The same state, from which every VariationalHiddenDropout draws a new mask at its next call.

    It sets every entry with the name `renew` to True, at any depth.

    >>> layer = VariationalHiddenDropout(0.5)
    >>> _, st = layer(jnp.ones(3), *layer.init(0))
    >>> bool(st.renew), bool(renew_masks(st).renew)
    (False, True)
    """
    if callable(state):
        raise TypeError(f"masks live in the state, not in the model: got {state!r}")

    def renewed(path, value):
        named_so = jax.tree_util.keystr(path[-1:], simple=True) == "renew"
        return jnp.ones_like(value) if named_so else value

    return jax.tree_util.tree_map_with_path(renewed, state)
