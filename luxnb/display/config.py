"""A layer's configuration as a person says it: `Dense(784 => 256, relu)`."""

import dataclasses
import functools
import re
from collections.abc import Iterator

from luxnb.core.config import function_name, is_default, source
from luxnb.core.layer import Layer
from luxnb.display.plain import plain


def config(layer: Layer, before: Layer | None = None) -> str:
    """The type and its fields, by the fields' names alone; sub-layers have rows of their own.

    Neighbours `in_x` and `out_x`, or any `…_x`, are `a => b`. Positional fields are always said,
    but for a function or None at its default; keyword-only fields where they are not at theirs.
    In a difference each field says what it was: `Dense(784 => 256 → 512)`.
    """
    if before is None or before == layer:
        before = layer
    elif type(before) is not type(layer):
        return f"{config(before)} → {config(layer)}"
    name, words = plain(type(layer).__name__), ", ".join(_words(layer, before))
    return f"{name}({words})" if words or not layer.children() else name


def _words(layer: Layer, before: Layer) -> Iterator[str]:
    fields = [(field, _change(field, layer, before)) for field in _own_fields(layer, before)]
    by_name = False
    while fields:
        (field, words), *fields = fields
        if not words:
            by_name = True  # what follows a skipped field can no longer be positional
        elif by_name or field.kw_only:
            yield f"{field.name}={words}"
        elif fields and fields[0][1] and _is_pair(field, fields[0][0]):
            yield f"{words} => {fields.pop(0)[1]}"
        else:
            yield words


def _own_fields(layer: Layer, before: Layer) -> list[dataclasses.Field]:
    """What the constructor takes, without sub-layers."""
    children = {id(child) for one in (layer, before) for child in one.children().values()}

    def is_inner(value) -> bool:
        return any(id(v) in children for v in (value if isinstance(value, tuple) else (value,)))

    return [
        field
        for field in dataclasses.fields(layer)  # type: ignore[arg-type]
        if field.init and not any(is_inner(getattr(one, field.name)) for one in (layer, before))
    ]


def _change(field: dataclasses.Field, layer: Layer, before: Layer) -> str:
    """The value, or `old → new`; nothing where it goes without saying."""
    value, old = getattr(layer, field.name), getattr(before, field.name)
    if _goes_without_saying(field, value) and _goes_without_saying(field, old):
        return ""
    said, was = brief(value), brief(old)
    return said if was == said else f"{was} → {said}"


def _goes_without_saying(field: dataclasses.Field, value) -> bool:
    silent = field.kw_only or value is None or callable(value)
    return silent and is_default(field, value)


def _is_pair(field: dataclasses.Field, after: dataclasses.Field) -> bool:
    """in_dims, out_dims, or in_dims, hidden_dims."""
    into, _, unit = field.name.partition("_")
    return into == "in" and after.name.endswith(f"_{unit}") and not after.kw_only


def brief(value) -> str:
    """A value in a few words: functions by their bare name, nothing longer than 60 characters."""
    try:
        return _brief(value)
    except Exception:
        return plain(f"<{type(value).__name__}: repr failed>")


def _brief(value) -> str:
    if isinstance(value, functools.partial):
        words = [brief(value.func), *map(brief, value.args)]
        words += [f"{name}={brief(v)}" for name, v in value.keywords.items()]
        return plain(f"partial({', '.join(words)})")
    if isinstance(value, tuple):
        inner = ", ".join(map(brief, value))
        return plain(f"({inner},)" if len(value) == 1 else f"({inner})")
    if callable(value) and not dataclasses.is_dataclass(value):
        name = function_name(value)
        return plain(name if name.startswith("λ") else name.rpartition(".")[2])
    text = source(value)
    # Values such as `init.zeros()` are functions too, and are called by their last name.
    return plain(re.sub(r"^[\w.]+\.(?=\w+\()", "", text) if callable(value) else text)
