"""The names that may be typed in the explorer, and what each of them means.

`values` are functions, dtypes and such; `makers` are called with arguments, and make layers,
initialisers and activations of them. Nothing is looked up in any other way.
"""

import dataclasses
import functools
import importlib
import inspect
import math
import operator
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from luxnb import layers
from luxnb.core.compact import is_compact
from luxnb.core.config import source
from luxnb.core.edit import replace
from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.parts import Param, RandomKey, State
from luxnb.display.config import brief
from luxnb.layers.maxout import Maxout
from luxnb.ops import activations, basis, init

# How users write the shelves: in full, in short, and in luxnb.
_FUNCTIONS = (
    (operator, ("operator",)),
    (jnp, ("jax.numpy", "jnp")),
    (jax.nn, ("jax.nn",)),
    (jax.checkpoint_policies, ("jax.checkpoint_policies",)),
    (activations, ("activations", "lx.activations")),
)
# Where a bare name, such as relu, is looked for first.
_BARE = (activations, jax.nn, operator, jnp, jax.checkpoint_policies)
_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "abs")
_FILES = ["save", "savez", "load", "fromfile", "from_dlpack", "set_printoptions", "printoptions"]
_SHELVES = {"init": init, "activations": activations, "basis": basis}


@dataclass
class Names:
    """What may be typed."""

    values: dict[str, Any] = field(default_factory=dict)
    makers: dict[str, Any] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.makers

    def __iter__(self) -> Iterator[str]:
        yield from self.makers
        yield from self.values


def names_for(model: Layer) -> Names:
    """What may be typed into this model: all that luxnb and JAX have, and what the model has,
    which comes first where both have something of that name."""
    known = _everywhere()
    own = Names()
    for value in _inside(model, set()):
        if isinstance(value, Layer):
            _add_layer(own, value)
        elif callable(value) and not isinstance(value, type) and not _is_made(value):
            whole = source(value)
            for text in {whole, brief(value), re.sub(r"^numpy\.", "np.", whole)}:
                own.values[text] = value if own.values.get(text, value) is value else _SEVERAL
    values = {
        name: value for name, value in (known.values | own.values).items() if value is not _SEVERAL
    }
    makers = {name: value for name, value in known.makers.items() if name not in own.values}
    values = {name: value for name, value in values.items() if name not in own.makers}
    return Names(values, makers | own.makers)


_SEVERAL = object()  # of two functions in one place, a name may mean either


def _is_made(value) -> bool:
    """Whether it prints as the call that makes it, and so is no name."""
    return dataclasses.is_dataclass(value) or isinstance(value, functools.partial)


def layer_classes() -> dict[str, type[Layer]]:
    """All layers of luxnb by name."""
    return dict(_layer_classes())


@functools.cache
def _layer_classes() -> tuple[tuple[str, type[Layer]], ...]:
    found = {}
    for info in pkgutil.iter_modules(layers.__path__):
        module = importlib.import_module(f"{layers.__name__}.{info.name}")
        for name, value in vars(module).items():
            if (
                isinstance(value, type)
                and issubclass(value, Layer)
                and value.__module__ == module.__name__
                and not name.startswith("_")
            ):
                found[name] = value
    return tuple(sorted(found.items()))


@functools.cache
def _everywhere() -> Names:
    makers = {
        "functools.partial": functools.partial,
        "partial": functools.partial,
        "range": _range,
        "slice": slice,
        "replace": replace,
        **{kind.__name__: kind for kind in (Param, RandomKey, State)},
        **layer_classes(),
        "Maxout": _maxout,
    }
    for shelf, module in _SHELVES.items():
        makers |= {f"{shelf}.{name}": value for name, value in _classes(module)}
    makers |= {f"lx.{name}": value for name, value in makers.items() if name not in _PYTHON}
    for module in (activations, init):  # in short, as they are shown: normal(0.1), celu(0.5)
        makers = dict(_classes(module)) | makers
    values = {"inf": math.inf, "nan": math.nan, "math.inf": math.inf, "jnp.inf": math.inf}
    values["jnp.nan"] = math.nan
    for mode in Mode:
        values |= {f"Mode.{mode.name}": mode, f"lx.Mode.{mode.name}": mode}
    for module, prefixes in _FUNCTIONS:
        for prefix in prefixes:
            values |= {f"{prefix}.{name}": value for name, value in _functions(module)}
    for module in _BARE:
        values = dict(_functions(module)) | values
    return Names(values, makers)


_PYTHON = ("functools.partial", "partial", "range", "slice")


def _range(*bounds):
    """A range that can be laid out without filling the memory."""
    made = range(*bounds)
    if len(made) > 100_000:
        raise ValueError(f"{made!r} is too long: at most 100,000 places")
    return made


def _maxout(*layers, **named):
    """A Maxout of layers; it also takes a function to call, and nothing typed is called."""
    if any(isinstance(layer, int) for layer in layers):
        raise ValueError("write the layers themselves: Maxout(Dense(4, 2), Dense(4, 2))")
    return Maxout(*layers, **named)


def _functions(module) -> Iterator[tuple[str, Any]]:
    """Functions of arrays, and dtypes; none that writes a file, and no class that is called."""
    for name, value in vars(module).items():
        if name.startswith("_") or inspect.ismodule(value) or not callable(value):
            continue
        if name in _FILES or (module is operator and name not in _OPERATORS):
            continue
        is_dtype = module is jnp and hasattr(value, "dtype")
        if not isinstance(value, type) or is_dtype:
            yield name, value


def _classes(module) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if isinstance(value, type) and dataclasses.is_dataclass(value) and not name.startswith("_"):
            yield name, value


def _inside(value, seen: set[int]) -> Iterator[Any]:
    """A layer, and all layers and functions in its fields, once each."""
    if id(value) in seen:
        return
    seen.add(id(value))
    yield value
    inner: list[Any] = []
    if isinstance(value, Layer):
        inner += value.children().values()
    if isinstance(value, functools.partial):
        inner += [value.func, *value.args, *value.keywords.values()]
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner += [getattr(value, f.name, None) for f in dataclasses.fields(value)]
    elif isinstance(value, tuple):
        inner += value
    for each in inner:
        yield from _inside(each, seen)


def _add_layer(names: Names, layer: Layer) -> None:
    """A layer of the user's own, by the name of its class."""
    kind = type(layer)
    if kind.__module__.startswith(f"{layers.__name__}."):
        return
    if is_compact(layer):
        names.values[kind.__name__] = kind()
    else:
        names.makers[kind.__name__] = kind
