"""Where the first NaN or Inf comes from: the input, a parameter, a state, a layer, a gradient."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.core

from luxnb.core.edit import at
from luxnb.core.errors import brief
from luxnb.core.layer import Layer
from luxnb.core.spec import specs
from luxnb.core.view import Viewable
from luxnb.inspect.nonfinite import culprit
from luxnb.inspect.nonfinite.culprit import Culprit, Kind
from luxnb.inspect.steps.defect import Defect
from luxnb.inspect.steps.stepwise import place


@dataclass(frozen=True, eq=False, repr=False)
class Nonfinite(Viewable):
    """The first place where something is not finite, and what was there. Shapes stand for arrays.

    In a cell it is the model's tree, opened at that place; `str` is the same as text, and `repr`
    is the one sentence that says it.
    """

    model: Layer
    kind: Kind
    path: str  # of the layer; "" is the model itself
    layer: Layer
    loops: tuple[tuple[str, int], ...]  # paths of layers that run in loops, and the turn, from 1
    array: str  # what is not finite: "x['image']", "parameter weight", "y", "gradient by weight"
    defect: Defect  # how many numbers are not, and where the first one is
    given: str  # what is known of the numbers that it was made from
    x: Any
    params: Any
    state: Any

    @property
    def fault(self) -> str:
        """`y has 3 NaN among 40 values, the first at [0, 2]`, and what it was made from."""
        text = f"{self.array} {'has' if self.defect.first else 'is'} {self.defect}"
        return f"{text}; {self.given}" if self.given else text

    @property
    def sentence(self) -> str:
        """The fault with its place: the path, the turn of a loop, and the layer."""
        if self.kind in ("input", "loss"):
            return self.fault
        where = place(self.path, self.loops)
        return f"{where}: {brief(self.layer)}: {self.fault}" if where else self.fault

    def __repr__(self):
        return f"<Nonfinite {self.sentence}>"


def locate_nonfinite(
    model: Layer,
    x,
    params,
    state,
    loss: Callable | None = None,
    *,
    only_nan: bool = False,
    backward: bool = True,
) -> Nonfinite | None:
    """The first place where a number is not finite, or None where all are.

    Looked at are, in this order: the input x, the parameters, the state; what layers are given and
    return, in the order in which they run, in loops turn by turn; the new state; and in the
    backward pass the gradients by the same, and by the parameters. The layer that is named was
    given finite numbers and made others of them; if it has layers inside, then with its own lines
    between them. Without `loss`, a function of the model's output y that returns one number, the
    gradients are those of the sum of y; `backward=False` leaves them out. With `only_nan`,
    infinity counts as a number, for models that mask with it.

    It runs the model as it is given, in training mode if the state says so, one operation at a
    time (`jax.disable_jit`), which is slow the first time. What the compiler alone makes of a
    program it does not see, and a layer that uses `shard_map` is seen from outside only.

    >>> model = Chain(Dense(2, 3), Function(jnp.log), Dense(3, 1))
    >>> ps, st = model.init(0)
    >>> ps = ps.at["layer_1.weight"].set(jnp.zeros((2, 3))).at["layer_1.bias"].set(jnp.zeros(3))
    >>> if found := locate_nonfinite(model, jnp.ones((4, 2)), ps, st):
    ...     print(found.sentence)
    at layer_2: Function(jax.numpy.log): y has 12 -Inf among 12 values, the first at [0, 0]; ...
    """
    if not isinstance(model, Layer):
        raise TypeError(f"locate_nonfinite needs a layer, got {model!r}")
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((x, params, state))):
        raise TypeError(
            "locate_nonfinite needs numbers, and inside of jit, grad or vmap there are none yet: "
            "call it outside of them"
        )
    found = culprit.find(model, x, params, state, loss, only_nan, backward)
    return found and _nonfinite(model, found, *map(specs, (x, params, state)))


def _nonfinite(model: Layer, found: Culprit, x, params, state) -> Nonfinite:
    layer = found.turn.layer if found.turn else at(model, found.path)
    loops = found.turn.loops if found.turn else ()
    what = found.array, found.defect, found.given
    return Nonfinite(model, found.kind, found.path, layer, loops, *what, x, params, state)
