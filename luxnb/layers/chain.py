"""Chain: layers one after the other."""

from collections.abc import Iterator
from dataclasses import field
from typing import overload

from luxnb.core.layer import Layer
from luxnb.core.tree import check_name, nearest
from luxnb.layers.functions import Function


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
        pairs = [(f"layer_{i}", layer) for i, layer in enumerate(_flat(layers), 1)]
        for name in named.keys() & dict(pairs):
            raise ValueError(f"Chain has two layers named {name!r}")
        pairs += named.items()
        if not pairs:
            raise ValueError("Chain needs at least one layer; Identity() is the empty chain")
        for name, layer in pairs:
            check_name(name, f"Chain.{name}")
            if hasattr(Chain, name) or name in ("layers", "names"):
                raise ValueError(f"Chain.{name} cannot name a layer: it is an attribute of Chain")
            if not callable(layer):
                raise TypeError(f"Chain.{name} must be a layer or a function, got {layer!r}")
        object.__setattr__(self, "names", tuple(name for name, _ in pairs))
        object.__setattr__(self, "layers", tuple(as_layer(layer) for _, layer in pairs))
        self.__post_init__()

    def children(self):
        return dict(zip(self.names, self.layers, strict=True))

    def with_child(self, name, child):
        return Chain(**(self.children() | {name: child}))

    def forward(self, x, ps, st):
        for name, layer in zip(self.names, self.layers, strict=True):
            x, st[name] = layer(x, ps[name], st[name])
        return x, st

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    @overload
    def __getitem__(self, index: int) -> Layer: ...
    @overload
    def __getitem__(self, index: slice) -> "Chain": ...
    def __getitem__(self, index):
        if isinstance(index, slice):
            return Chain(**dict(zip(self.names[index], self.layers[index], strict=True)))
        return self.layers[index]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.layers[self.names.index(name)]
        except ValueError:
            raise AttributeError(
                f"Chain has no layer {name!r}{nearest(name, self.names)}"
            ) from None

    def __dir__(self):
        return [*super().__dir__(), *self.names]

    def __repr__(self):
        numbered = all(name == f"layer_{i}" for i, name in enumerate(self.names, 1))
        words = [
            repr(layer) if numbered else f"{name}={layer!r}"
            for name, layer in zip(self.names, self.layers, strict=True)
        ]
        return f"Chain({', '.join(words)})"


def as_layer(value) -> Layer:
    """A layer as it is, a function as a `Function`."""
    return value if isinstance(value, Layer) else Function(value)


def _flat(layers):
    """The layers, with those in lists or tuples in their places."""
    for layer in layers:
        if isinstance(layer, list | tuple):
            yield from _flat(layer)
        else:
            yield layer
