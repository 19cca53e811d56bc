"""Branch: one input for several layers."""

from collections.abc import Callable
from dataclasses import field

from luxnb.core.layer import Layer
from luxnb.layers import container
from luxnb.layers.connection import check_connection, join


class Branch(Layer):
    """One input for several layers: y = fusion(layer_1(x), …, layer_n(x)).

    Every layer is given the same x, also if it is a tuple. `fusion` is a function of all outputs,
    or a layer, which is given their tuple; None returns the tuple. Layers are named and accessed
    as those of a `Chain`.

    Parameters and state: those of each layer, by its name; of a fusion that is a layer, under
    `fusion`.

    >>> model = Branch(mean=Dense(4, 2), log_std=Dense(4, 2))
    >>> (mean, log_std), _ = model(jnp.ones((3, 4)), *model.init(0))
    >>> log_std.shape
    (3, 2)
    """

    layers: tuple[Layer, ...] = field(init=False)
    names: tuple[str, ...] = field(init=False)
    fusion: Callable | None = field(default=None, kw_only=True)

    def __init__(self, /, *layers, fusion=None, **named):
        container.hold(self, layers, named, fusion=fusion)

    def check(self):
        if self.fusion is not None:
            check_connection(self, "fusion", len(self))

    def children(self):
        return container.children(self, "fusion")

    def forward(self, x, ps, st):
        ys = container.each(self, (x,) * len(self), ps, st)
        return ys if self.fusion is None else join(self, "fusion", ys, ps, st), st

    def __repr__(self):
        fusion = {} if self.fusion is None else {"fusion": self.fusion}
        return container.written(self, **fusion)

    with_child, __replace__ = container.with_layer, container.replaced
    __len__, __iter__, __getitem__ = container.length, container.iterate, container.part
    __getattr__, __dir__ = container.by_name, container.names_too
