"""WithDtype: a layer that computes in another precision."""

from typing import Any

from luxnb.core.cast import cast, dtype_of_floats, float_dtype
from luxnb.core.layer import Layer
from luxnb.layers.checks import are_layers


class WithDtype(Layer):
    """A layer that computes in `dtype`: y = layer(x, ps) with x and ps cast to it, and y cast back.

    For mixed precision: parameters, and so their gradients, keep the dtype that they have, as does
    the state; y has the dtype of the floats in x, or where it has none, of the parameters. `dtype`
    is kept as its name. Integers, booleans and random keys are not cast.

    Parameters and state: those of the layer, under `layer`.

    P. Micikevicius et al., Mixed Precision Training, ICLR 2018.

    >>> model = WithDtype(Dense(2, 3), jnp.bfloat16)
    >>> model
    WithDtype(Dense(2, 3), 'bfloat16')
    >>> ps, st = model.init(0)
    >>> y, _ = model(jnp.ones((4, 2)), ps, st)
    >>> ps.layer.weight.dtype, y.dtype
    (dtype('float32'), dtype('float32'))
    """

    layer: Layer
    dtype: Any

    def check(self):
        are_layers(self, "layer")
        # One spelling, so that equal dtypes make equal layers.
        object.__setattr__(self, "dtype", dtype_of_floats(self.dtype, "WithDtype.dtype").name)

    def forward(self, x, ps, st):
        given = float_dtype(x, ps)
        params = cast(ps.layer, self.dtype)
        y, st.layer = self.layer(cast(x, self.dtype), params, st.layer)
        return y if given is None else cast(y, given), st
