"""Maxout: the largest of several outputs."""

import functools
from dataclasses import field

import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.layers import container
from luxnb.layers.connection import same_shapes


class Maxout(Layer):
    """The largest of several outputs, element by element: y = max(layer_1(x), …, layer_n(x)).

    `Maxout(function, n)` calls `function()`, which makes a layer, n times; so does
    `Maxout([layer] * n)`: a layer is a value, and each place has parameters of its own. Layers
    are named and accessed as those of a `Chain`.

    Parameters and state: those of each layer, by its name.

    I. Goodfellow et al., Maxout Networks, ICML 2013.

    >>> model = Maxout(lambda: Dense(4, 2), 3)
    >>> model
    Maxout(Dense(4, 2), Dense(4, 2), Dense(4, 2))
    >>> model(jnp.ones((5, 4)), *model.init(0))[0].shape
    (5, 2)
    """

    layers: tuple[Layer, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __init__(self, /, *layers, **named):
        if len(layers) == 2 and isinstance(layers[1], int):
            make, n = layers
            layers = tuple(make() for _ in range(n))
        container.hold(self, layers, named)

    def children(self):
        return container.layers_of(self)

    def forward(self, x, ps, st):
        ys = container.each(self, (x,) * len(self), ps, st)
        same_shapes("Maxout", ys)
        return functools.reduce(jnp.maximum, ys), st

    def __repr__(self):
        return container.written(self)

    with_child, __replace__ = container.with_layer, container.replaced
    __len__, __iter__, __getitem__ = container.length, container.iterate, container.part
    __getattr__, __dir__ = container.by_name, container.names_too
