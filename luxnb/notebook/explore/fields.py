"""The hyper-parameters of a layer as the page edits them: each as Python text, with what fits."""

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Callable
from typing import Any, Literal

from luxnb.core.config import source
from luxnb.core.layer import Layer
from luxnb.core.types import Activation, Initialiser
from luxnb.display.plain import plain
from luxnb.notebook.explore.edits import field_names

ACTIVATIONS = ["identity", "relu", "gelu", "silu", "tanh", "sigmoid", "softplus", "elu", "mish"]
ACTIVATIONS += ["leaky_relu(0.1)"]
INITIALISERS = ["init.zeros()", "init.ones()", "init.normal(0.02)", "init.fan_in_uniform()"]
INITIALISERS += ["init.glorot_uniform()", "init.kaiming_normal()", "init.orthogonal()"]
CONNECTIONS = ["add", "mul", "sub"]
PLAIN = {bool: "bool", int: "int", float: "float", str: "text", tuple: "tuple"}


def fields(layer: Layer) -> list[dict[str, Any]]:
    """A dict for each hyper-parameter, as the page is told of it."""
    hints, names = _hints(type(layer)), field_names(layer)
    declared = {field.name: field for field in dataclasses.fields(layer)}  # type: ignore[arg-type]
    return [_field(layer, declared[name], hints.get(name, Any)) for name in names]


def _field(layer: Layer, field: dataclasses.Field, hint: Any) -> dict[str, Any]:
    value = getattr(layer, field.name)
    kind = _kind(hint, value)
    return {
        "name": field.name,
        "text": written(value),
        "kind": kind,
        "choices": _choices(kind, hint),
        "help": _help(type(layer), field.name),
        "default": _default(field),
    }


def written(value: Any) -> str:
    """A value as it can be typed: what a notebook shows, not longer than a page is wide."""
    return plain(source(value), 400)


def _kind(hint: Any, value: Any) -> str:
    """Of what the class declares, or else of the value that is there."""
    options = [option for option in _options(hint) if option is not type(None)]
    if any(typing.get_origin(option) is Literal for option in options):
        return "choice"
    if any(typing.get_origin(option) is Callable or _is_function(option) for option in options):
        return "function"
    kinds = {PLAIN[_plain(option)] for option in options if _plain(option) in PLAIN}
    if len(kinds) == 1 and len(options) == 1:
        return kinds.pop()
    if callable(value) and not isinstance(value, type):
        return "function"
    return PLAIN.get(type(value), "text")


def _is_function(option: Any) -> bool:
    return typing.get_origin(option) is not None and option in (Activation, Initialiser)


def _plain(option: Any) -> Any:
    return typing.get_origin(option) or option


def _options(hint: Any) -> tuple:
    """The members of a union; of anything else, itself."""
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if is_union else (hint,)


def _choices(kind: str, hint: Any) -> list[str]:
    if kind == "bool":
        return ["True", "False"]
    if kind == "choice":
        literals = [o for o in _options(hint) if typing.get_origin(o) is Literal]
        return [written(value) for o in literals for value in typing.get_args(o)]
    if kind == "function":
        options = _options(hint)
        none = ["None"] if type(None) in options else []
        if Initialiser in options:
            return [*INITIALISERS, *none]
        return [*(ACTIVATIONS if Activation in options else CONNECTIONS), *none]
    return []


def _default(field: dataclasses.Field) -> str | None:
    if field.default is not dataclasses.MISSING:
        return written(field.default)
    return None


def _help(kind: type, name: str) -> str:
    """The first sentence in which the class speaks of the field."""
    doc = re.sub(r"\s+", " ", (inspect.getdoc(kind) or "").split("\n\nParameters")[0])
    sentences = re.split(r"(?<=[.:;])\s+(?=[A-Z`])", doc)
    found = next((sentence for sentence in sentences if f"`{name}`" in sentence), "")
    return plain(found.replace("`", ""), 300)


def _hints(kind: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind)
    except Exception:  # an annotation may name what is not there any more
        return {}
