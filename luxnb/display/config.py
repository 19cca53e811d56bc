"""A layer's configuration as a person says it: `Dense(784 => 256, relu)`."""

import dataclasses
import functools
import re
from collections.abc import Iterator

from luxnb.core.config import function_name, is_default, source
from luxnb.core.layer import Layer
from luxnb.display.plain import plain


def config(layer: Layer) -> str:
    """The type and its fields, by the fields' names alone; sub-layers have rows of their own.

    Neighbours `in_x` and `out_x`, or any `…_x`, are `a => b`. Positional fields are always said,
    but for a function or None at its default; keyword-only fields where they are not at theirs.
    """
    name, words = plain(type(layer).__name__), ", ".join(_words(layer))
    return f"{name}({words})" if words or not layer.children() else name


def _words(layer: Layer) -> Iterator[str]:
    fields = _own_fields(layer)
    by_name = False
    while fields:
        (field, value), *fields = fields
        if _goes_without_saying(field, value):
            by_name = True  # what follows a skipped field can no longer be positional
        elif by_name or field.kw_only:
            yield f"{field.name}={brief(value)}"
        elif fields and _is_pair(field, fields[0][0]):
            yield f"{brief(value)} => {brief(fields.pop(0)[1])}"
        else:
            yield brief(value)


def _own_fields(layer: Layer) -> list[tuple[dataclasses.Field, object]]:
    """What the constructor takes, without sub-layers."""
    children = {id(child) for child in layer.children().values()}
    values = ((f, getattr(layer, f.name)) for f in dataclasses.fields(layer) if f.init)  # type: ignore[arg-type]
    return [
        (field, value)
        for field, value in values
        if not any(id(v) in children for v in (value if isinstance(value, tuple) else (value,)))
    ]


def _goes_without_saying(field: dataclasses.Field, value) -> bool:
    silent = field.kw_only or value is None or callable(value)
    return silent and is_default(field, value)


def _is_pair(field: dataclasses.Field, after: dataclasses.Field) -> bool:
    """in_dims, out_dims, or in_dims, hidden_dims."""
    into, _, unit = field.name.partition("_")
    return into == "in" and after.name.endswith(f"_{unit}") and not after.kw_only


def brief(value) -> str:
    """A value in a few words: functions by their bare name, nothing longer than 60 characters."""
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
