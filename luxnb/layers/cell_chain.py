"""CellChain: cells, and other layers, as one cell."""

from collections.abc import Mapping
from dataclasses import field

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.layers import container
from luxnb.layers.cell import is_cell, step_input


class CellChain(Layer):
    """Cells one after the other, as one cell: the output of each is the input of the next.

    Maps `(x, carry)` to `(y, carry)`, where the carry is a Tree of the cells' carries by their
    names. Layers that are no cells, and plain functions, act on each step's output. Names,
    indices and slices are as in `Chain`.

    Parameters and state: those of each layer, by its name.

    >>> cell = CellChain(LSTMCell(2, 8), Dropout(0.1), GRUCell(8, 4))
    >>> model = Recurrence(cell, return_carry=True)
    >>> ps, st = model.init(0)
    >>> (y, carry), st = model(jnp.ones((16, 50, 2)), ps, st)
    >>> y.shape, carry.layer_3
    ((16, 50, 4), Tree(hidden=f32[16,4]))

    One that gives back its own input's size can write on by itself, from the carry with which an
    encoder has read:

    >>> encoder = Recurrence(LSTMCell(1, 8), return_carry=True)
    >>> decoder = CellChain(memory=LSTMCell(1, 8), readout=Dense(8, 1))
    >>> (ps_e, st_e), (ps_d, st_d) = encoder.init(0), decoder.init(1)
    >>> read = jnp.ones((16, 50, 1))
    >>> (_, carry), _ = encoder(read, ps_e, st_e)
    >>> def write(last, _):
    ...     (y, carry), st = decoder(last, ps_d, st_d)
    ...     return (y, carry), y
    >>> _, written = jax.lax.scan(write, (read[:, -1], Tree(memory=carry)), length=20)
    >>> written.swapaxes(0, 1).shape
    (16, 20, 1)
    """

    layers: tuple[Layer, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __init__(self, /, *layers, **named):
        container.hold(self, layers, named)

    def check(self):
        if not self._cells():
            raise ValueError(f"CellChain needs at least one cell, got {self!r}")

    def _cells(self):
        return {name: layer for name, layer in self.children().items() if is_cell(layer)}

    def children(self):
        return container.layers_of(self)

    def initial_carry(self, ps, batch: tuple[int, ...]) -> Tree:
        """The carries before the first step, by the names of their cells."""
        cells = self._cells()
        return Tree(**{name: cell.initial_carry(ps[name], batch) for name, cell in cells.items()})

    def forward(self, x, ps, st):
        x, carry = step_input(self, x)
        cells = self._cells()
        if not isinstance(carry, Mapping) or carry.keys() != cells.keys():
            raise ValueError(
                f"expected a carry with the names of the cells, {', '.join(cells)}; "
                f"got {short(carry)}"
            )
        after = {}
        for name, layer in self.children().items():
            if name in cells:
                (x, after[name]), st[name] = layer((x, carry[name]), ps[name], st[name])
            else:
                x, st[name] = layer(x, ps[name], st[name])
        return (x, Tree(**after)), st

    def __repr__(self):
        return container.written(self)

    with_child, __replace__ = container.with_layer, container.replaced
    __len__, __iter__, __getitem__ = container.length, container.iterate, container.part
    __getattr__, __dir__ = container.by_name, container.names_too
