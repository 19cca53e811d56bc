"""Laws of a layer as a value: it holds no array, and equals its equals."""

import copy
import dataclasses
from collections.abc import Iterator

import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.pickling import unpickled
from luxnb.core.spec import short
from luxnb.inspect.audit.around import first_array, parts, things
from luxnb.inspect.audit.case import Case, Untried
from luxnb.inspect.audit.finding import Remark, fault, hint
from luxnb.inspect.audit.lines import DRAW, constant, in_params


def holds_no_array(case: Case) -> Iterator[Remark]:
    told: set[int] = set()
    for thing in things(case.layer):
        array = first_array(thing.value)
        if array is None or id(array) in told:
            continue
        told.add(id(array))
        name = thing.inside or thing.name.split(".")[-1]
        if thing.kind == "held":
            inside = f"{thing.inside} " if thing.inside else ""
            yield fault(f"{thing.name} holds an array, {inside}{short(array)}.", in_params(name))
        elif array.ndim:
            yield hint(
                f"It reads the variable {name}, {short(array)}: jit takes it for a constant.",
                constant(name.lower(), name),
            )


def equals_its_equals(case: Case) -> Iterator[Remark]:
    layer = case.layer
    for part, name, value in _only_itself(layer):
        kind = type(value).__name__
        yield fault(
            f"{type(part).__name__}.{name} is a {kind}, which equals only itself.",
            DRAW
            if isinstance(value, np.random.Generator | np.random.RandomState)
            else f"@dataclasses.dataclass(frozen=True)\nclass {kind}: …",
        )
    fields = {f.name: getattr(layer, f.name) for f in dataclasses.fields(layer)}  # type: ignore[arg-type]
    twin = unpickled(type(layer), fields)
    if twin != layer or hash(twin) != hash(layer):
        yield fault(
            f"Two {type(layer).__name__} with the same fields differ.",
            f"# leave out __eq__ and __hash__: {type(layer).__name__} has both from Layer",
        )


def _only_itself(layer: Layer) -> Iterator[tuple[Layer, str, object]]:
    """(layer, field, value) of each value that a copy of it does not equal."""
    for part in parts(layer):
        for field in dataclasses.fields(part):  # type: ignore[arg-type]
            value = getattr(part, field.name)
            is_function = callable(value) and not dataclasses.is_dataclass(value)
            if is_function or type(value).__module__.split(".")[0] in ("jax", "jaxlib"):
                continue
            twin = copy.deepcopy(value)
            if twin != value or hash(twin) != hash(value):
                yield part, field.name, value


def is_alike(layer: Layer, other) -> bool:
    """Equal; or printed alike, because functions with arguments equal only themselves."""
    if any(_only_itself(layer)):
        raise Untried("a field equals only itself")
    return type(other) is type(layer) and (other == layer or repr(other) == repr(layer))
