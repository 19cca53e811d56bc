"""PairwiseFusion: inputs that join one after the other."""

from collections.abc import Callable
from dataclasses import field

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.layers import container
from luxnb.layers.connection import check_connection, join


class PairwiseFusion(Layer):
    """Inputs that join one after the other: y_0 = x_0, y_i = connection(layer_i(y_{i-1}), x_i).

    x is a tuple of n + 1 for n layers. If it is no tuple, it is every x_i. `connection` is a
    function of two values, or one layer that is given each pair. Layers are named and accessed as
    those of a `Chain`.

    Parameters and state: those of each layer, by its name; of a connection that is a layer, under
    `connection`.

    >>> model = PairwiseFusion(jnp.add, Dense(2, 3), Dense(3, 4))
    >>> ps, st = model.init(0)
    >>> model((jnp.ones((5, 2)), jnp.ones((5, 3)), jnp.ones((5, 4))), ps, st)[0].shape
    (5, 4)
    """

    connection: Callable
    layers: tuple[Layer, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __init__(self, connection, /, *layers, **named):
        container.hold(self, layers, named, connection=connection)

    def check(self):
        check_connection(self, "connection", 2)

    def children(self):
        return container.children(self, "connection")

    def forward(self, x, ps, st):
        xs = x if isinstance(x, tuple) else (x,) * (len(self) + 1)
        if len(xs) != len(self) + 1:
            raise ValueError(
                f"expected a tuple of {len(self) + 1}, one more than there are layers; "
                f"got {short(x)}"
            )
        y = xs[0]
        for (name, layer), other in zip(container.layers_of(self).items(), xs[1:], strict=True):
            y, st[name] = layer(y, ps[name], st[name])
            y = join(self, "connection", (y, other), ps, st)
        return y, st

    def __repr__(self):
        return container.written(self, self.connection)

    with_child, __replace__ = container.with_layer, container.replaced
    __len__, __iter__, __getitem__ = container.length, container.iterate, container.part
    __getattr__, __dir__ = container.by_name, container.names_too
