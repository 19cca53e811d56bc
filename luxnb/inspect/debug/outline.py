"""Outline: what `debug` tells of a model that is being traced, which has shapes only."""

from collections.abc import Callable

import jax
import jax.core

from luxnb.core.probe import Probe
from luxnb.core.spec import is_array, is_key, specs
from luxnb.inspect.debug.told import Holding, Opening, Remark
from luxnb.inspect.steps.look import look

NOTICE = (
    "Shapes only: the model is being traced, by jit say, and there are no numbers yet. "
    "Call it outside of jit to see them."
)


def is_traced(tree) -> bool:
    """Whether some array in it has no numbers yet. A tracer of an eager `grad` or `vmap` has."""
    arrays = (leaf for leaf in jax.tree.leaves(tree) if isinstance(leaf, jax.core.Tracer))
    return not all(_has_numbers(array) for array in arrays if not is_key(array))


def _has_numbers(array) -> bool:
    seen = []
    look(array, seen.append, seen.append)
    return bool(seen)


class Outline(Probe):
    """Tells the shapes of what goes into layers and comes out, as they are traced."""

    def __init__(self, only: str, out: Callable):
        self._only, self._out = only, out
        self._above: list = []  # the arrays that were told last
        out(str(Remark(NOTICE)))

    def enter(self, path, layer, x):
        if self._is_asked_for(path):
            depth = self._depth(path)
            self._out(str(Opening(path.rpartition(".")[2] if depth else path, layer, depth)))
            self._tell("x", x, depth + 1)
        return x

    def leave(self, path, layer, y):
        if self._is_asked_for(path):
            self._tell("y", y, self._depth(path) + 1)
        return y

    def _tell(self, name: str, tree, depth: int) -> None:
        leaves = [(p, v) for p, v in jax.tree_util.tree_leaves_with_path(tree) if is_array(v)]
        above, self._above = self._above, [leaf for _, leaf in leaves]
        for place, leaf in leaves:
            is_same = any(leaf is value for value in above)
            if not (is_same and name == "x"):
                label = name + jax.tree_util.keystr(place)
                self._out(str(Holding(label, specs(leaf), depth, is_same=is_same)))

    def _is_asked_for(self, path: str) -> bool:
        return f"{path}.".startswith(f"{self._only}." if self._only else "")

    def _depth(self, path: str) -> int:
        """How many layers around it are told, too."""
        rest = path.removeprefix(self._only).removeprefix(".")
        return len(rest.split(".")) if rest else 0
