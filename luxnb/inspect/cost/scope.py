"""Which layer an equation belongs to, and where layers return: marks in a trace, and how to read
them.

Every call of a layer stands in a scope of its name, so each equation carries the names on its way.
A transformation writes names again: what is transposed has `…/transpose(jvp(Chain))/layer_5/…`,
and may have the whole way twice. A scope around all, whose name no layer can have, says where the
way begins anew.
"""

import jax
from jax.ad_checkpoint import checkpoint_name
from jax.core import Tracer
from jax.extend.core import JaxprEqn
from jax.extend.source_info_util import NameStack

from luxnb.core.layer import Layer
from luxnb.core.spec import is_key
from luxnb.inspect.trace import Recorder

AROUND = "luxnb.summary"  # with a dot: no layer is called so
RETURNED = "luxnb.returned"
_SCOPE = type(NameStack().extend(AROUND).stack[0])  # beside it there are transformations


class Marker(Recorder):
    """Notes all calls, and marks in the trace what layers return: equations that do nothing."""

    counts = True

    def leave(self, path, layer, y):
        return _marked(super().leave(path, layer, y))


def _marked(y):
    """The same y, each of its arrays marked once, under a number of its own."""
    leaves, structure = jax.tree.flatten(y)
    marked = {}
    for leaf in leaves:
        # Numbers among the outputs are no values of the trace, and keys are no numbers.
        if isinstance(leaf, Tracer) and not is_key(leaf) and id(leaf) not in marked:
            marked[id(leaf)] = checkpoint_name(leaf, f"{RETURNED} {len(marked)}")
    return jax.tree.unflatten(structure, [marked.get(id(leaf), leaf) for leaf in leaves])


def is_mark(equation: JaxprEqn) -> bool:
    """Whether here a layer returns an array; each array that it returns has a name of its own."""
    return equation.primitive.name == "name" and equation.params["name"].startswith(RETURNED)


class Places:
    """The paths of equations of one model."""

    def __init__(self, model: Layer):
        self._root = type(model).__name__
        self._layers: dict[str, Layer] = {"": model}
        self._known: dict[tuple, str | None] = {}

    def path(self, above: str | None, equation: JaxprEqn) -> str | None:
        """The path of an equation whose surrounding equation is at `above`; None is before the
        model. Scopes that are no layers are passed by."""
        stack = equation.source_info.name_stack.stack
        if not stack:
            return above
        key = (above, stack)
        if key not in self._known:
            self._known[key] = self._walked(above, stack)
        return self._known[key]

    def _walked(self, path: str | None, stack) -> str | None:
        for scope in stack:
            if not isinstance(scope, _SCOPE):
                continue
            if scope.name == AROUND:
                path = None
            elif path is None:
                path = "" if scope.name == self._root else None
            else:
                path = self._child(path, scope.name)
        return path

    def _child(self, path: str, name: str) -> str:
        child = self._layers[path].children().get(name)
        if child is None:
            return path
        below = f"{path}.{name}" if path else name
        self._layers[below] = child
        return below
