"""debug: a model that tells, while it runs layer by layer, what goes in and what comes out."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax

from luxnb.core.edit import at as layer_at
from luxnb.core.layer import Layer
from luxnb.core.probe import probing
from luxnb.core.tree import Tree
from luxnb.inspect.debug.outline import Outline, is_traced
from luxnb.inspect.debug.teller import Teller
from luxnb.inspect.steps.look import look_into, nobody
from luxnb.inspect.steps.stepwise import stepwise

Way = Literal["forward", "backward", "both"]
WAYS = (None, "forward", "backward", "both")


def debug(
    model: Layer,
    *,
    nan: Way | None = None,
    only: str = "",
    out: Callable[[str], Any] = print,
    at: Callable[[str, str, Any], Any] | None = None,
) -> Callable[..., tuple[Any, Any]]:
    """The model as a function `(x, ps, st) -> (y, st)` that prints what every layer is given, x,
    and returns, y: shape, mean, standard deviation, range, what is not finite, and the time.

    An x that is not printed is the array printed last. Differentiated by `jax.grad` or `jax.vjp`,
    it prints on the way back the gradients ∂y and ∂x, and at the end those by the parameters.
    Everything runs one operation at a time, loops turn by turn, of which the first three are
    printed, and others where something is not finite. The time, in milliseconds, is that of the
    layer alone, from when x was ready until y was, without what debug itself takes; in a first call
    operations are compiled. Numbers may differ in the last bits from those of a compiled model.
    Inside of `jit` there are shapes only: call it outside.

    `nan` raises a ValueError at the first number that is not finite, with its place: in the
    parameters, the state or the "forward" pass, in the "backward" pass, or in "both". `only` is the
    path of a layer, with which it and what is below are printed. `out` takes each line; `at` is
    called with path, name and array of whatever is printed, `at("layer_1", "y", array)`.

    >>> model = Chain(Dense(2, 3, jax.nn.relu), Dense(3, 1))
    >>> y, st = debug(model, only="layer_2")(jnp.ones((4, 2)), *model.init(0))
    forward                          mean       std       min       max      time
    layer_2  Dense(3 => 1)
      x  f32[4,3]  ...
      y  f32[4,1]  ...
    """
    if not isinstance(model, Layer):
        raise TypeError(f"debug needs a layer, got {model!r}")
    if nan not in WAYS:
        raise ValueError(f"nan must be one of {', '.join(map(repr, WAYS))}, got {nan!r}")
    if not isinstance(layer_at(model, only), Layer):
        raise ValueError(f"only must be the path of a layer, and {only!r} is a field")

    def debugged(x, ps, st):
        ps, st = (Tree.of(tree) if isinstance(tree, Mapping) else tree for tree in (ps, st))
        if is_traced((x, ps, st)):
            with probing(Outline(only, out)):
                return model(x, ps, st)
        teller = Teller(only, nan, out, at)
        ps = look_into(ps, teller.told_parameter, nobody)
        st = look_into(st, teller.told_state, nobody)
        with stepwise(teller.told):
            return model(x, _with_gradients(ps, teller.told_gradient), st)

    return debugged


def _with_gradients(params, told: Callable[[str, Any], None]):
    """The parameters, of which the gradients are told: first of the first, which in a backward
    pass is what was looked at last."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(params)
    looked = [
        look_into(leaf, nobody, lambda _, g, at=at: told(jax.tree_util.keystr(at), g))
        for at, leaf in reversed(leaves)
    ]
    return structure.unflatten(reversed(looked))
