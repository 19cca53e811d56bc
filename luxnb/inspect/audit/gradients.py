"""Gradients: of what a layer returns, by every array of floats that it is given."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.cast import is_floats
from luxnb.inspect.audit.leaves import named
from luxnb.inspect.audit.quick import jit


class Gradients:
    """Of a weighted sum of y, by each array of floats in x and in ps."""

    def __init__(self, call: Callable, x, params, state):
        self.call, self.state = call, state
        self.leaves, self.structure = jax.tree.flatten((x, params))
        paths = [path for path, _ in [*named(x, "x"), *named(params, "ps")]]
        self.places = [i for i, leaf in enumerate(self.leaves) if is_floats(leaf)]
        self.paths = [paths[i] for i in self.places]
        self._pulled = jit(self._pull)

    def at(self, scale: float) -> tuple[list, dict]:
        """The floats in y, and the gradient by each path, where x is multiplied by `scale`."""
        floats = [self.leaves[i] for i in self.places]
        given = zip(self.paths, floats, strict=True)
        y, found = self._pulled([v * scale if p.startswith("x") else v for p, v in given])
        return y, dict(zip(self.paths, found, strict=True))

    def _pull(self, floats):
        y, pull = jax.vjp(self._outputs, floats)
        draw = np.random.default_rng(0).standard_normal  # no direction that is special for a sum
        return y, pull([jnp.asarray(draw(leaf.shape), leaf.dtype) for leaf in y])[0]

    def _outputs(self, floats):
        leaves = list(self.leaves)
        for place, leaf in zip(self.places, floats, strict=True):
            leaves[place] = leaf
        x, ps = self.structure.unflatten(leaves)
        y, _ = self.call(x, ps, self.state)
        return [leaf for leaf in jax.tree.leaves(y) if is_floats(leaf)]
