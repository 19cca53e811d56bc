"""What lies around a layer: its attributes, what its fields hold unseen, what its code names.

All of this is found by looking, never by running anything.
"""

import contextlib
import functools
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import jax
import numpy as np

from luxnb.core.layer import Layer

_DEEP = 3
_LIBRARIES = {"jax", "jaxlib", "numpy"}


@dataclass(frozen=True, eq=False)
class Thing:
    """Something that the code of a layer could read or change."""

    kind: Literal["held", "named"]  # by the layer itself; by its code alone
    name: str  # "Mine.table", or the name of a variable
    value: Any
    inside: str = ""  # the variable or attribute, where it is hidden inside of a field


def parts(layer: Layer) -> Iterator[Layer]:
    """The layer and all below it."""
    yield layer
    for child in layer.children().values():
        yield from parts(child)


def things(layer: Layer) -> Iterator[Thing]:
    """Everything around a layer, as it now is."""
    for part in parts(layer):
        mine = type(part).__name__
        for name, value in vars(part).items():
            if not isinstance(getattr(type(part), name, None), functools.cached_property):
                yield Thing("held", f"{mine}.{name}", value)
                yield from _inside(f"{mine}.{name}", value)
        for cls in _classes(part):
            for name, value in vars(cls).items():
                if not (name.startswith("__") or callable(value) or hasattr(value, "__get__")):
                    yield Thing("held", f"{cls.__name__}.{name}", value)
    for function in functions(layer):
        for name, value in _named(function):
            if not isinstance(value, types.ModuleType | type):
                yield Thing("named", name, value)


# -- functions ------------------------------------------------------------------------------------


def functions(layer: Layer) -> list[types.FunctionType]:
    """The functions that the layer's author wrote: methods, fields, and what these call of the
    same modules."""
    waiting = [function for part in parts(layer) for function in _written(part)]
    homes = [function.__globals__ for function in waiting]
    found: list[types.FunctionType] = []
    while waiting:
        function = waiting.pop(0)
        if function not in found:
            found.append(function)
            named = [f for _, f in _named(function) if inspect.isfunction(f) and not _is_ours(f)]
            waiting += [f for f in named if any(f.__globals__ is home for home in homes)]
    return found


def _written(part: Layer) -> Iterator[types.FunctionType]:
    for cls in _classes(part):
        for method in filter(inspect.isfunction, vars(cls).values()):
            if not _is_ours(method):
                yield method
            else:  # written by luxnb, of a function that it was given
                yield from filter(inspect.isfunction, dict(_closure(method)).values())
    for value in vars(part).values():
        yield from (f for f in _opened(value) if inspect.isfunction(f) and not _is_ours(f))


def _named(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """The variables around a function, of its module and of those that it names; with values."""
    yield from _closure(function)
    names = _names(function.__code__)
    for name in names:
        if name in function.__globals__:
            value = function.__globals__[name]
            yield name, value
            if isinstance(value, types.ModuleType) and _library(value.__name__) not in _LIBRARIES:
                yield from ((f"{name}.{n}", vars(value)[n]) for n in names if n in vars(value))


def _closure(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        with contextlib.suppress(ValueError):  # nothing in it yet
            yield name, cell.cell_contents


def _names(code: types.CodeType) -> list[str]:
    """The names of variables and attributes, also in the functions inside."""
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return list(dict.fromkeys([*code.co_names, *(n for c in inner for n in _names(c))]))


def _classes(part: Layer) -> list[type]:
    """The classes that the author wrote."""
    return [c for c in type(part).__mro__ if issubclass(c, Layer) and not _is_ours(c)]


def _is_ours(value) -> bool:
    return _library(getattr(value, "__module__", None)) == "luxnb"


def _library(module: str | None) -> str:
    return (module or "").split(".")[0]


# -- fields ---------------------------------------------------------------------------------------


def _opened(value) -> Iterator[Any]:
    """The value and, of a function with arguments, a method, a tuple, what it is made of."""
    yield value
    if isinstance(value, functools.partial):
        for inner in (value.func, *value.args, *value.keywords.values()):
            yield from _opened(inner)
    elif isinstance(value, types.MethodType):
        yield from _opened(value.__func__)
        yield value.__self__
    elif isinstance(value, tuple):
        for inner in value:
            yield from _opened(inner)
    elif hasattr(value, "__wrapped__") and not inspect.isclass(value):
        yield from _opened(value.__wrapped__)


def _inside(name: str, field) -> Iterator[Thing]:
    """What a field holds where nobody sees it: a function's variables, an object's attributes."""
    for value in _opened(field):
        if isinstance(value, Layer) or _is_ours(value):
            continue
        if value is not field and not callable(value):
            yield Thing("held", name, value)
        if inspect.isfunction(value):
            for inner, variable in _closure(value):
                yield Thing("held", name, variable, inner)
            for default in (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()):
                yield Thing("held", name, default)
        elif has_attributes(value):
            for inner, attribute in vars(value).items():
                yield Thing("held", name, attribute, inner)


def has_attributes(value) -> bool:
    """Whether a value is an object of a class that somebody wrote, in which something may hide."""
    plain = isinstance(value, type | types.ModuleType | types.FunctionType | functools.partial)
    known = _library(type(value).__module__) in _LIBRARIES
    return hasattr(value, "__dict__") and not plain and not known


def first_array(value, deep: int = _DEEP):
    """The first array in a value, or in the tuples, lists and dicts that it is made of."""
    if isinstance(value, jax.Array | np.ndarray):
        return value
    if deep and isinstance(value, dict):
        value = tuple(value.values())
    if deep and isinstance(value, tuple | list | set | frozenset):
        found = (first_array(inner, deep - 1) for inner in value)
        return next((array for array in found if array is not None), None)
    return None
