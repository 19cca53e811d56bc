"""Parallel: layers side by side."""

from collections.abc import Callable
from dataclasses import field

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.layers import container
from luxnb.layers.connection import check_connection, join


class Parallel(Layer):
    """Layers side by side: y = connection(layer_1(x_1), …, layer_n(x_n)).

    If x is a tuple, it holds one input for each layer; else every layer is given the same x.
    `connection` is a function of all outputs, or a layer, which is given their tuple; None returns
    the tuple. Layers are named and accessed as those of a `Chain`.

    Parameters and state: those of each layer, by its name; of a connection that is a layer, under
    `connection`.

    >>> model = Parallel(jnp.add, text=Dense(5, 2), image=Dense(8, 2))
    >>> ps, st = model.init(0)
    >>> model((jnp.ones((3, 5)), jnp.ones((3, 8))), ps, st)[0].shape
    (3, 2)
    """

    connection: Callable | None = None
    layers: tuple[Layer, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __init__(self, connection, /, *layers, **named):
        container.hold(self, layers, named, connection=connection)

    def check(self):
        if self.connection is not None:
            check_connection(self, "connection", len(self))

    def children(self):
        return container.children(self, "connection")

    def forward(self, x, ps, st):
        xs = x if isinstance(x, tuple) else (x,) * len(self)
        if len(xs) != len(self):
            raise ValueError(f"expected a tuple of {len(self)}, one for each layer; got {short(x)}")
        ys = container.each(self, xs, ps, st)
        return ys if self.connection is None else join(self, "connection", ys, ps, st), st

    def __repr__(self):
        return container.written(self, self.connection)

    with_child, __replace__ = container.with_layer, container.replaced
    __len__, __iter__, __getitem__ = container.length, container.iterate, container.part
    __getattr__, __dir__ = container.by_name, container.names_too
