"""Remat: a layer that is computed again in the backward pass, for less memory."""

from collections.abc import Callable

from luxnb.core.layer import Layer
from luxnb.core.observe import checkpoint
from luxnb.core.spec import short
from luxnb.layers.checks import are_layers


class Remat(Layer):
    """A layer of which only the input is kept for the gradient: y = layer(x), computed again there.

    Rematerialisation costs one more forward pass and saves the memory of all that the layer
    computes on its way. `policy`, one of `jax.checkpoint_policies`, says what is kept all the same,
    as `dots_saveable` keeps products of matrices. `Stacked` does it for its copies by `remat`.

    Parameters and state: those of the layer, under `layer`.

    T. Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016.

    >>> model = Chain(Remat(mlp(2, (64, 64, 64))), Dense(64, 1))
    >>> ps, st = model.init(0)
    >>> model(jnp.ones((4, 2)), ps, st)[0].shape
    (4, 1)
    """

    layer: Layer
    policy: Callable[..., object] | None = None

    def check(self):
        are_layers(self, "layer")
        if self.policy is not None and not callable(self.policy):
            raise TypeError(
                "Remat.policy must be one of jax.checkpoint_policies, such as dots_saveable, "
                f"got {short(self.policy)}"
            )

    def forward(self, x, ps, st):
        again = checkpoint(self.layer, policy=self.policy)
        y, st.layer = again(x, ps.layer, st.layer)
        return y, st
