"""BidirectionalRNN: two cells over time, one in each direction."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.layers.cell import check_cells
from luxnb.layers.checks import positive
from luxnb.layers.recurrence import Way, over_time
from luxnb.layers.sequences import sequences


def side_by_side(forward, backward):
    """Two arrays as one, along the last axis."""
    return jnp.concatenate([forward, backward], axis=-1)


class BidirectionalRNN(Layer):
    """Run one cell forward and one backward over time: y = merge(y_forward, y_backward), where both
    at time t belong to x[:, t].

    x is (batch, time, features), y is (batch, time, forward_dims + backward_dims), since `merge`
    puts the two side by side; it may be any function of two arrays, `jnp.add` say, and with `None`
    y is the pair. With `return_sequence=False` the last outputs are merged: the forward one at the
    end, the backward one at the beginning. With `return_carry` the output is (y, carry), carry
    being a Tree of `forward_cell` and `backward_cell`.

    In place of x a dict may hold "x" and any of "carry", "lengths" or "mask", as for `Recurrence`,
    which also says what a cell, `unroll` and `remat` are. Each sequence is read backward from its
    own end. Without a `backward_cell` it is as `forward_cell`, with parameters of its own.

    Parameters and state: those of the cells, under `forward_cell` and `backward_cell`.

    M. Schuster, K. Paliwal, Bidirectional Recurrent Neural Networks, IEEE TSP 1997.

    >>> layer = BidirectionalRNN(GRUCell(2, 8))
    >>> ps, st = layer.init(0)
    >>> layer(jnp.ones((16, 50, 2)), ps, st)[0].shape
    (16, 50, 16)
    """

    forward_cell: Layer
    backward_cell: Layer | None = None
    _: KW_ONLY
    merge: Callable | None = side_by_side
    return_sequence: bool = True
    return_carry: bool = False
    unroll: int = 1
    remat: bool = False

    def check(self):
        check_cells(self, "forward_cell")
        if self.backward_cell is not None:
            check_cells(self, "backward_cell")
        if self.merge is not None and not callable(self.merge):
            raise TypeError(
                "BidirectionalRNN.merge must be a function of two arrays or None, "
                f"got {self.merge!r}"
            )
        positive(self, "unroll")

    def children(self):
        backward_cell = self.forward_cell if self.backward_cell is None else self.backward_cell
        return {"forward_cell": self.forward_cell, "backward_cell": backward_cell}

    def with_child(self, name, child):
        return self.__replace__(**(self.children() | {name: child}))

    def _carries(self, carry):
        names = self.children()
        if carry is None:
            return dict.fromkeys(names)
        if not isinstance(carry, Mapping) or carry.keys() != names.keys():
            raise ValueError(f"expected a carry with {', '.join(names)}; got {short(carry)}")
        return carry

    def forward(self, x, ps, st):
        given = sequences(x)
        carries = self._carries(given.carry)
        y, carry = {}, {}
        for name, cell in self.children().items():
            way = Way(self.return_sequence, name == "backward_cell", self.unroll, self.remat)
            begin = given._replace(carry=carries[name])
            (y[name], carry[name]), st[name] = over_time(cell, way, begin, ps[name], st[name])
        pair = y["forward_cell"], y["backward_cell"]
        y = pair if self.merge is None else self.merge(*pair)
        return ((y, Tree(**carry)) if self.return_carry else y), st
