"""Repeated: one layer several times over, always with the same parameters."""

from dataclasses import KW_ONLY

from luxnb.core.layer import Layer
from luxnb.layers.checks import are_layers, positive


class Repeated(Layer):
    """One layer n times over, with the same parameters each time: y = layer(… layer(layer(x))).

    With `input_injection` the layer is given x each time, too: y_0 = x, y_i = layer((y_{i-1}, x)).
    The state goes through all of it. `Stacked` has parameters of their own for each time.

    Parameters and state: those of the layer, under `layer`.

    >>> model = Repeated(Dense(2, 2, jnp.tanh), 5)
    >>> ps, st = model.init(0)
    >>> model(jnp.ones((3, 2)), ps, st)[0].shape
    (3, 2)
    """

    layer: Layer
    n: int
    _: KW_ONLY
    input_injection: bool = False

    def check(self):
        are_layers(self, "layer")
        positive(self, "n")

    def forward(self, x, ps, st):
        y = x
        for _ in range(self.n):
            given = (y, x) if self.input_injection else y
            y, st.layer = self.layer(given, ps.layer, st.layer)
        return y, st
