"""Surgery: a model with one layer more, one less, or one elsewhere.

Containers (`Chain`, `Parallel`, …) hold any number of layers, by name. The first of them, whose
names are numbers in order, are numbered anew; all others keep their names.
"""

import re
from dataclasses import dataclass

from luxnb.core.edit import at, replace
from luxnb.core.layer import Layer
from luxnb.core.tree import METHODS
from luxnb.layers import container
from luxnb.layers.functions import Function


def insert(model: Layer, path: str, index: int, layer, *, name: str | None = None) -> Layer:
    """A copy of `model` with one layer more in the container at `path`, `""` for the model itself.

    `layer`, a layer or a function, stands at `index` then, and what stood there comes after it.
    Layers with numbers for names are numbered anew; with a `name`, all others keep theirs.

    >>> insert(Chain(Dense(2, 3), Dense(3, 1)), "", 1, Dropout(0.1))
    Chain(Dense(2, 3), Dropout(0.1), Dense(3, 1))
    >>> insert(Chain(body=Dense(2, 3), head=Dense(3, 1)), "", 2, jnp.tanh)
    Chain(body=Dense(2, 3), head=Dense(3, 1), tanh=Function(jax.nn.tanh))
    """
    return inserted(model, path, index, layer, name).model


def remove(model: Layer, path: str) -> Layer:
    """A copy of `model` without the layer at `path`.

    >>> remove(Chain(Dense(2, 3), Dropout(0.1), Dense(3, 1)), "layer_2")
    Chain(Dense(2, 3), Dense(3, 1))
    """
    return removed(model, path).model


def duplicate(model: Layer, path: str) -> Layer:
    """A copy of `model` with the layer at `path` once more, right after it: `head`, `head_2`.

    >>> duplicate(Chain(Dense(3, 3), head=Dense(3, 1)), "layer_1")
    Chain(layer_1=Dense(3, 3), layer_2=Dense(3, 3), head=Dense(3, 1))
    """
    return duplicated(model, path).model


def move(model: Layer, path: str, by: int) -> Layer:
    """A copy of `model` with the layer at `path` so many places later; earlier if `by` < 0.

    >>> move(Chain(Dense(2, 3), Dropout(0.1), Dense(3, 1)), "layer_2", -1)
    Chain(Dropout(0.1), Dense(2, 3), Dense(3, 1))
    """
    return moved(model, path, by).model


# -- the same, and where each layer was before -----------------------------------------------------


@dataclass(frozen=True)
class Operated:
    """A changed model. `origins` maps the path of each layer of the container to what it was
    before, None for a layer that is new; all other paths are what they were."""

    model: Layer
    origins: dict[str, str | None]


@dataclass(frozen=True)
class _Place:
    """A layer in a container, and what it was called there before, if it was there."""

    layer: Layer
    name: str
    before: str | None = None


def inserted(model: Layer, path: str, index: int, layer, name: str | None = None) -> Operated:
    holder, places = _opened(model, path)
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index <= len(places):
        raise ValueError(
            f"{_said(path, holder)} has {len(places)} layers: index must be from 0 to "
            f"{len(places)}, got {index!r}"
        )
    if not callable(layer) or isinstance(layer, type):
        raise TypeError(f"insert needs a layer or a function, got {layer!r}")
    layer, numbered = container.as_layer(layer), _numbered(places)
    if name in holder.children():
        raise ValueError(f"{_said(path, holder)} has a layer named {name!r} already")
    new = _Place(layer, name or _free(_name_of(layer), holder))
    within = name is None and 0 < numbered >= index
    return _closed(
        model, path, [*places[:index], new, *places[index:]], numbered + 1 if within else 0
    )


def removed(model: Layer, path: str) -> Operated:
    above, places, index = _found(model, path, "removed")
    numbered = _numbered(places)
    return _closed(
        model, above, [*places[:index], *places[index + 1 :]], numbered - (index < numbered)
    )


def duplicated(model: Layer, path: str) -> Operated:
    above, places, index = _found(model, path, "duplicated")
    numbered, place = _numbered(places), places[index]
    new = _Place(place.layer, _free(place.name, at(model, above)))
    within = index < numbered
    return _closed(
        model,
        above,
        [*places[: index + 1], new, *places[index + 1 :]],
        numbered + 1 if within else 0,
    )


def moved(model: Layer, path: str, by: int) -> Operated:
    above, places, index = _found(model, path, "moved")
    if not isinstance(by, int) or isinstance(by, bool) or not 0 <= index + by < len(places):
        raise ValueError(
            f"{path} is layer {index + 1} of {len(places)} and moves by "
            f"{-index} to {len(places) - 1 - index}, got {by!r}"
        )
    numbered = _numbered(places)
    place = places.pop(index)
    places.insert(index + by, place)
    return _closed(model, above, places, numbered if max(index, index + by) < numbered else 0)


# -- containers, opened and closed -----------------------------------------------------------------


def _opened(model: Layer, path: str) -> tuple[Layer, list[_Place]]:
    holder = at(model, path)
    if not isinstance(holder, Layer) or not container.holds_by_name(holder):
        kind = f"a {type(holder).__name__}" if isinstance(holder, Layer) else repr(holder)
        raise ValueError(
            f"{path or 'the model'} is {kind}, which has its layers in places of their own; only "
            "a Chain or another container takes one more: write Chain(…, …) around it"
        )
    layers = container.layers_of(holder)
    return holder, [_Place(layer, name, name) for name, layer in layers.items()]


def _found(model: Layer, path: str, what: str) -> tuple[str, list[_Place], int]:
    """The path of the container, its places, and which of them is at `path`."""
    if not path:
        raise ValueError(f"the model itself cannot be {what}: name a layer in it")
    layer, (above, _, name) = at(model, path), path.rpartition(".")
    if not isinstance(layer, Layer):
        raise ValueError(f"{path} is no layer but {layer!r}, which cannot be {what}")
    holder = at(model, above)
    if not container.holds_by_name(holder) or name not in container.layers_of(holder):
        raise ValueError(
            f"{path} is a place that {_said(above, holder)} always has: it cannot be {what}; "
            f"replace(model, {path!r}, …) puts another layer there"
        )
    places = _opened(model, above)[1]
    return above, places, [place.name for place in places].index(name)


def _closed(model: Layer, path: str, places: list[_Place], numbered: int) -> Operated:
    """The model with these places in the container, of which the first are numbered anew."""
    names = [f"layer_{i}" for i in range(1, numbered + 1)]
    names += [place.name for place in places[numbered:]]
    if len(set(names)) < len(names):  # a later layer has such a number for its own name
        names = [place.name for place in places]
    layers = {name: place.layer for name, place in zip(names, places, strict=True)}
    holder = container.with_layers(at(model, path), layers)
    prefix = f"{path}." if path else ""
    origins = {
        prefix + name: place.before if place.before is None else prefix + place.before
        for name, place in zip(names, places, strict=True)
    }
    return Operated(replace(model, path, holder) if path else holder, origins)


# -- names -----------------------------------------------------------------------------------------


def _numbered(places: list[_Place]) -> int:
    """How many layers at the beginning are named by their numbers, as positional ones are."""
    for i, place in enumerate(places):
        if place.name != f"layer_{i + 1}":
            return i
    return len(places)


def _name_of(layer: Layer) -> str:
    """`batch_norm` for a BatchNorm, `relu` for the function."""
    if isinstance(layer, Function):
        name = getattr(layer.function, "__name__", "")
        return name if name.isidentifier() and not name.startswith("_") else "function"
    name = type(layer).__name__.strip("_")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _free(name: str, holder: Layer) -> str:
    """The name, or the first of name_2, name_3, … that is not taken."""
    stem, number = re.sub(r"_\d+$", "", name), 1
    taken = holder.children()
    while name in taken or name in METHODS or not container.can_name(type(holder), name):
        number += 1
        name = f"{stem}_{number}"
    return name


def _said(path: str, holder: Layer) -> str:
    kind = type(holder).__name__
    return f"{path}, a {kind}," if path else f"the {kind}"
