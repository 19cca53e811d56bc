"""SkipConnection: a way around a layer."""

import operator
from collections.abc import Callable

from luxnb.core.layer import Layer


class SkipConnection(Layer):
    """A layer and a way around it: y = connection(layer(x), x), by default their sum.

    `connection` is a function of two values or a layer, which is given the pair.

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
        if not isinstance(self.layer, Layer):
            raise TypeError(
                f"SkipConnection.layer must be a layer, got {self.layer!r}; "
                "a function is one as Function(f)"
            )
        if not callable(self.connection):
            raise TypeError(
                f"SkipConnection.connection must be a function or a layer, got {self.connection!r}"
            )

    def forward(self, x, ps, st):
        y, st.layer = self.layer(x, ps.layer, st.layer)
        if isinstance(self.connection, Layer):
            y, st.connection = self.connection((y, x), ps.connection, st.connection)
            return y, st
        return self.connection(y, x), st
