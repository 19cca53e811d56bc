"""SkipConnection: a way around a layer."""

import operator
from collections.abc import Callable

from luxnb.core.layer import Layer
from luxnb.layers.checks import are_layers
from luxnb.layers.connection import check_connection, join


class SkipConnection(Layer):
    """A layer and a way around it: y = connection(layer(x), x), by default their sum.

    `connection` is a function of two values or a layer, which is given the pair. Operators such as
    the sum want both in one shape; for anything else write a function.

    Parameters and state: those of the layer under `layer`, of a connection that is a layer under
    `connection`.

    K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016.

    >>> block = SkipConnection(Dense(8, 8, jax.nn.relu))
    >>> ps, st = block.init(0)
    >>> block(jnp.ones((2, 8)), ps, st)[0].shape
    (2, 8)
    """

    layer: Layer
    connection: Callable = operator.add

    def check(self):
        are_layers(self, "layer")
        check_connection(self, "connection", 2)

    def forward(self, x, ps, st):
        y, st.layer = self.layer(x, ps.layer, st.layer)
        return join(self, "connection", (y, x), ps, st), st
