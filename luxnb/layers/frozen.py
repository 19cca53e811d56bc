"""Frozen: parameters that are not trained."""

import jax

from luxnb.core.cast import cast, float_dtype
from luxnb.core.layer import Layer
from luxnb.core.split import merge, split
from luxnb.layers.checks import are_layers


class Frozen(Layer):
    """A layer of which some parameters are not trained: y = layer(x), with those from the state.

    `names` are dotted paths below the layer, of arrays or of all that is below a path; None is
    everything. What is frozen has no gradient and no place in an optimiser. It is used in the
    dtype of the other parameters, or where there are none, of x.

    Parameters: `layer`, those of the layer that are not frozen. State: `frozen`, those that are;
    `layer`, the state of the layer. A name at which there are no parameters is a ValueError.

    >>> model = Frozen(Chain(Dense(2, 3), Dense(3, 1)), ("layer_1.weight", "layer_2"))
    >>> ps, st = model.init(0)
    >>> ps
    Tree(layer=Tree(layer_1=Tree(bias=f32[3]), layer_2=Tree()))
    >>> st.frozen.layer_1.weight.shape
    (2, 3)
    """

    layer: Layer
    names: tuple[str, ...] | None = None

    def check(self):
        are_layers(self, "layer")
        names = self.names
        if names is None:
            return
        if not isinstance(names, tuple) or not names or not all(isinstance(n, str) for n in names):
            raise ValueError(
                "Frozen.names must be None or a tuple of paths of parameters, "
                f"such as ('layer_1.weight',), got {names!r}"
            )
        self._split(jax.eval_shape(self.layer.init, 0)[0])

    def _split(self, params):
        return split(params, self.names, f"Frozen.names: {type(self.layer).__name__}")

    def init_children(self, key):
        params, state = super().init_children(key)
        rest, frozen = self._split(params["layer"])
        return {"layer": rest}, {"frozen": frozen, "layer": state["layer"]}

    def forward(self, x, ps, st):
        given = float_dtype(ps, x)
        frozen = st.frozen if given is None else cast(st.frozen, given)
        y, st.layer = self.layer(x, merge(ps.layer, frozen), st.layer)
        return y, st
