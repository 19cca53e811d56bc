"""Stacked: copies of one layer, compiled once however many there are."""

from dataclasses import KW_ONLY

import jax
import jax.numpy as jnp

from luxnb.core.compiled import compiled
from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.observe import checkpoint, scan
from luxnb.core.spec import short
from luxnb.layers.checks import are_layers, positive


class Stacked(Layer):
    """n independent copies of one layer, one after the other: y = layer_n(… layer_1(x)).

    What `Chain(*[layer] * n)` does, from the same initial numbers, but as one loop (`lax.scan`):
    it compiles no longer for 100 copies than for 2. Each copy returns what it is given: the same
    shape and dtype. `remat` computes each copy again in the backward pass instead of keeping what
    is inside of it; `unroll` copies form one turn of the loop.

    Parameters and state: those of the layer, under `layer`, each array with a first axis of n.

    >>> model = Stacked(Chain(Dense(8, 8, jax.nn.relu), Dropout(0.1)), 6)
    >>> ps, st = model.init(0)
    >>> ps.layer.layer_1.weight.shape
    (6, 8, 8)
    >>> model(jnp.ones((2, 8)), ps, st)[0].shape
    (2, 8)
    """

    layer: Layer
    n: int
    _: KW_ONLY
    remat: bool = False
    unroll: int = 1

    def check(self):
        are_layers(self, "layer")
        positive(self, "n", "unroll")

    def init_children(self, key):
        # By name, so that more copies leave the first ones as they were; by the names in a Chain.
        keys = jnp.stack([key_for(key, f"layer_{i}") for i in range(1, self.n + 1)])
        params, state = jax.vmap(self.layer.init)(keys)
        return {"layer": params}, {"layer": state}

    def forward(self, x, ps, st):
        y, st.layer = _loop(self, x, ps.layer, st.layer)
        return y, st


@compiled
def _loop(stacked: Stacked, x, ps, st):
    """The output, and the states of all copies."""
    layer = stacked.layer

    def step(x, copy):
        y, state = layer(x, *copy)
        if _form(y) != _form(x):
            raise ValueError(
                "a layer that is stacked must return what it is given, of the same shape and "
                f"dtype: {layer!r} was given {short(x)} and returned {short(y)}"
            )
        return y, state

    if stacked.remat:
        step = checkpoint(step, prevent_cse=False)  # in a loop nothing could be merged
    return scan(step, x, (ps, st), length=stacked.n, unroll=stacked.unroll)


def _form(x):
    leaves, structure = jax.tree.flatten(x)
    return structure, [(jnp.shape(leaf), jnp.result_type(leaf)) for leaf in leaves]
