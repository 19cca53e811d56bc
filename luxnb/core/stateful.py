"""Stateful: a model with its parameters and state in hand, for a look around."""

from typing import Any

import jax
import jax.core

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.core.view import Viewable


class Stateful(Viewable):
    """A model that keeps its parameters and its state: `y = net(x)`, and `net.state` moves on.

    Sugar for `y, st = model(x, ps, st)` in a cell; what is compiled or differentiated takes the
    long form. Set `net.params` and `net.state` as you like: `net.state = testmode(net.state)`.

    >>> net = Stateful(Dropout(0.5), *Dropout(0.5).init(0))
    >>> first, second = net(jnp.ones(64)), net(jnp.ones(64))
    >>> bool(jnp.array_equal(first, second))
    False
    """

    def __init__(self, model: Layer, params, state):
        if not isinstance(model, Layer):
            raise TypeError(f"Stateful needs a layer, got {model!r}")
        self.model, self.params, self.state = model, Tree.of(params), Tree.of(state)

    def __call__(self, x) -> Any:
        y, state = self.model(x, self.params, self.state)
        if state is not self.state and _is_traced(state):
            # A tracer that was kept would surface long after its trace has ended.
            raise TypeError(
                "Stateful cannot keep a state out of jit, grad or vmap: inside of them write "
                "y, st = model(x, ps, st) and return st"
            )
        self.state = state
        return y

    def __repr__(self):
        return f"Stateful({self.model!r})"


def _is_traced(tree) -> bool:
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(tree))
