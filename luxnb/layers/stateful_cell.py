"""StatefulCell: a cell that keeps its carry in the state, from call to call."""

from collections.abc import Mapping
from typing import TypeVar

import jax
import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.layers.cell import check_cells
from luxnb.layers.checks import positive

T = TypeVar("T")


class StatefulCell(Layer):
    """A cell whose carry is kept in the state: y_t = cell(x_t, carry), one step a call.

    x is one step (batch_size, features), y is (batch_size, hidden_dims). It goes on where the state
    stands; `reset_carry(st)` begins anew.

    Parameters: those of the cell, under `cell`. State: `carry`, which is the cell's, each array
    with `batch_size` first; `fresh` (), whether to begin with the cell's initial carry instead;
    and the cell's own under `cell`.

    >>> layer = StatefulCell(GRUCell(2, 3), batch_size=1)
    >>> ps, st = layer.init(0)
    >>> first, st = layer(jnp.ones((1, 2)), ps, st)
    >>> second, st = layer(jnp.ones((1, 2)), ps, st)
    >>> again, st = layer(jnp.ones((1, 2)), ps, reset_carry(st))
    >>> bool((first == second).all()), bool((first == again).all())
    (False, True)
    """

    cell: Layer
    batch_size: int

    def check(self):
        check_cells(self, "cell")
        positive(self, "batch_size")

    def init_state(self, key):
        carry = jax.eval_shape(lambda key: self._initial(self.cell.init(key)[0]), key)
        carry = jax.tree.map(lambda v: jnp.zeros(v.shape, v.dtype), carry)
        return {"carry": carry, "fresh": jnp.ones((), bool)}

    def _initial(self, ps):
        return self.cell.initial_carry(ps, (self.batch_size,))  # type: ignore[attr-defined]

    def forward(self, x, ps, st):
        if any(jnp.shape(v)[:1] != (self.batch_size,) for v in jax.tree.leaves(x)):
            raise ValueError(
                f"expected x of shape ({self.batch_size}, features), "
                f"batch_size = {self.batch_size}; got {short(x)}"
            )
        carry = jax.tree.map(
            lambda first, kept: jnp.where(st.fresh, first, kept.astype(first.dtype)),
            self._initial(ps.cell),
            st.carry,
        )
        (y, carry), st.cell = self.cell((x, carry), ps.cell, st.cell)
        st.carry = jax.tree.map(lambda new, kept: new.astype(kept.dtype), carry, st.carry)
        st.fresh = jnp.zeros_like(st.fresh)
        return y, st


def reset_carry(state: T) -> T:
    """The same state with every carry that a `StatefulCell` keeps at its beginning again.

    >>> model = Chain(StatefulCell(RNNCell(2, 3), batch_size=1), Dense(3, 1))
    >>> ps, st = model.init(0)
    >>> y, st = model(jnp.ones((1, 2)), ps, st)
    >>> bool(st.layer_1.fresh), bool(reset_carry(st).layer_1.fresh)
    (False, True)
    """
    if callable(state):
        raise TypeError(f"the carry lives in the state, not in the model: got {state!r}")
    return _reset(state)


def _reset(state):
    if not isinstance(state, Mapping):
        return state
    entries = {name: _reset(value) for name, value in state.items()}
    if {"carry", "fresh"} <= entries.keys():
        entries["fresh"] = jnp.ones_like(entries["fresh"])
    return Tree(**entries)
