"""Chain: layers one after the other."""

from dataclasses import field

from luxnb.core.layer import Layer
from luxnb.layers import container


class Chain(Layer):
    """Layers one after the other: y = layer_n(… layer_2(layer_1(x))).

    Positional layers are named `layer_1`, `layer_2`, …; keywords name them otherwise. Plain
    functions become layers. `chain[0]`, `chain[1:3]` (a Chain that keeps its names),
    `chain.layer_1`, `len(chain)` and iteration do what they say.

    Parameters and state: those of each layer, by its name.

    >>> model = Chain(Dense(2, 16, jax.nn.tanh), Dense(16, 1))
    >>> model[1:]
    Chain(layer_2=Dense(16, 1))
    >>> Chain(encoder=Dense(8, 2), decoder=Dense(2, 8)).encoder
    Dense(8, 2)
    """

    layers: tuple[Layer, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __init__(self, /, *layers, **named):
        container.hold(self, layers, named)

    def children(self):
        return container.layers_of(self)

    def forward(self, x, ps, st):
        for name, layer in self.children().items():
            x, st[name] = layer(x, ps[name], st[name])
        return x, st

    def __repr__(self):
        return container.written(self)

    with_child, __replace__ = container.with_layer, container.replaced
    __len__, __iter__, __getitem__ = container.length, container.iterate, container.part
    __getattr__, __dir__ = container.by_name, container.names_too
