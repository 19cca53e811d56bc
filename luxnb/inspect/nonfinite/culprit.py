"""The search for the first number that is not finite: before a call, in it, and on the way back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.core.tree import Tree
from luxnb.inspect.nonfinite.watch import First, Watch
from luxnb.inspect.steps.defect import Defect, defect, is_numeric
from luxnb.inspect.steps.stepwise import Turn, stepwise

Kind = Literal["input", "parameter", "state", "output", "new state", "loss", "gradient"]


@dataclass(frozen=True, eq=False)
class Culprit:
    """Which array of which layer is the first, and what is known of where its numbers come from."""

    kind: Kind
    path: str
    array: str
    defect: Defect
    given: str = ""
    turn: Turn | None = None


def find(model: Layer, x, params, state, loss, only_nan: bool, backward: bool) -> Culprit | None:
    """The first culprit there is; None where all is finite."""
    params, state = (Tree.of(t) if isinstance(t, Mapping) else t for t in (params, state))
    return (
        _in_input(x, only_nan)
        or _in_entries("parameter", model, params, only_nan)
        or _in_entries("state", model, state, only_nan)
        or _in_call(model, x, params, state, only_nan)
        or (_on_the_way_back(model, x, params, state, loss, only_nan) if backward else None)
    )


# -- before the call ------------------------------------------------------------------------------


def _in_input(x, only_nan: bool) -> Culprit | None:
    for place, found in _defects(x, only_nan):
        return Culprit("input", "", f"the input x{jax.tree_util.keystr(place)}", found)
    return None


def _in_entries(kind: Kind, model: Layer, tree, only_nan: bool) -> Culprit | None:
    """The first entry of the parameters or the state, of the layer to which it belongs."""
    for place, found in _defects(tree, only_nan):
        path, name = _owner(model, place)
        return Culprit(kind, path, f"{kind} {name}", found)
    return None


def _defects(tree, only_nan: bool) -> Iterator[tuple[tuple, Defect]]:
    """The place of each array in a pytree that is not finite, and what is wrong with it."""
    for place, leaf in jax.tree_util.tree_leaves_with_path(tree):
        found = defect(leaf, only_nan=only_nan) if is_numeric(leaf) else None
        if found:
            yield place, found


def _owner(model: Layer, place: tuple) -> tuple[str, str]:
    """("layer_1", "weight"): the layer to which an entry belongs, and its name there."""
    names, depth, layer = jax.tree_util.keystr(place).removeprefix(".").split("."), 0, model
    while depth < len(names) - 1 and names[depth] in layer.children():
        layer, depth = layer.children()[names[depth]], depth + 1
    return ".".join(names[:depth]), ".".join(names[depth:])


# -- in the call ----------------------------------------------------------------------------------


def _in_call(model: Layer, x, params, state, only_nan: bool) -> Culprit | None:
    watch, new = Watch("x", "y", only_nan), None
    try:
        with stepwise(watch.told):
            _, new = model(x, params, state)
    except Exception:
        if watch.first is None:  # else it may have failed for that very number
            raise
    if watch.first is not None:
        return _in_output(watch, watch.first)
    found = _in_entries("new state", model, new, only_nan)
    if found is None:
        return None
    given = _given(watch, watch.last.get(found.path))
    return Culprit("new state", found.path, found.array, found.defect, given)


def _in_output(watch: Watch, first: First) -> Culprit:
    turn, seen = watch.maker(first), first.seen
    assert turn is not None  # the input of the outermost layer is finite
    name = seen.name if seen.turn is turn else f"{seen.name} of {seen.turn.name}"
    return Culprit("output", turn.path, name, first.defect, _given(watch, turn), turn)


def _given(watch: Watch, turn: Turn | None) -> str:
    values = watch.range_of(turn)
    return f"it was given {values}" if values else ""


# -- on the way back ------------------------------------------------------------------------------


def _on_the_way_back(model: Layer, x, params, state, loss, only_nan: bool) -> Culprit | None:
    leaves, structure = jax.tree.flatten(params)
    places = [i for i, leaf in enumerate(leaves) if _is_inexact(leaf)]
    watch = Watch("∂y", "∂x", only_nan)

    def objective(floats):
        y, _ = model(x, _with(floats, places, leaves, structure), state)
        return _sum(y) if loss is None else _one_number(loss(y))

    try:
        with stepwise(watch.told):
            value, pull = jax.vjp(objective, [leaves[place] for place in places])
            if found := defect(value, only_nan=only_nan):
                return Culprit("loss", "", "the loss", found, "it was given finite values")
            (gradients,) = pull(jnp.ones_like(value))
    except Exception as error:
        error.add_note("the forward pass is finite; with backward=False nothing else is looked at")
        raise
    nothing = [0.0] * len(leaves)
    return _in_gradients(model, watch, _with(gradients, places, nothing, structure), only_nan)


def _in_gradients(model: Layer, watch: Watch, gradients, only_nan: bool) -> Culprit | None:
    """The first of what came by on the way back, and of the gradients by parameters, which are
    known at its end only."""
    bad: dict[str, tuple[str, Defect]] = {}  # by the path of the layer
    for place, found in _defects(gradients, only_nan):
        path, name = _owner(model, place)
        bad.setdefault(path, (name, found))
    sources = [path for path in bad if _comes_first(path, watch)]
    if sources:
        path = min(sources, key=lambda path: watch.order.get(path, len(watch.order)))
        name, found = bad[path]
        return _gradient(path, name, found, watch, watch.last.get(path))
    if watch.first is None:
        return None
    seen, turn = watch.first.seen, watch.maker(watch.first)
    name = seen.name.removeprefix("∂")
    if turn is None:
        return Culprit("loss", "", f"the gradient of the loss by {name}", watch.first.defect)
    name = name if seen.turn is turn else f"{name} of {seen.turn.name}"
    return _gradient(turn.path, name, watch.first.defect, watch, turn)


def _comes_first(path: str, watch: Watch) -> bool:
    """Whether the gradients by the parameters of a layer are wrong for its own sake, and were
    before anything else was."""
    if watch.first is None:
        return True
    maker = watch.maker(watch.first)
    is_around = maker is not None and f".{maker.path}.".startswith(f".{path}." if path else ".")
    order = watch.order.get(path, len(watch.order))
    return path not in watch.tainted and order < watch.first.moment and not is_around


def _gradient(path: str, name: str, found: Defect, watch: Watch, turn: Turn | None) -> Culprit:
    values = watch.range_of(turn)
    given = f"the gradient by its output has {values}" if values else ""
    return Culprit("gradient", path, f"gradient by {name}", found, given, turn)


def _with(values, places: list[int], leaves: list, structure):
    """The pytree of these leaves, with others in some places."""
    filled = list(leaves)
    for place, value in zip(places, values, strict=True):
        filled[place] = value
    return structure.unflatten(filled)


def _is_inexact(leaf) -> bool:
    return is_array(leaf) and jnp.issubdtype(leaf.dtype, jnp.inexact)


def _sum(y):
    """The sum of all floats in y, of complex numbers their real parts."""
    return sum((jnp.sum(leaf.real) for leaf in jax.tree.leaves(y) if _is_inexact(leaf)), 0.0)


def _one_number(value):
    if _is_inexact(value) and value.shape == ():
        return value
    raise ValueError(
        f"loss must return one number for the model's output y, got {short(value)}: "
        "write loss=lambda y: losses.mse(y, target)"
    )
