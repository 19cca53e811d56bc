"""Parameters and state of a Node in words: `weight f32[784,256]`, `~running_mean f32[256]`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from luxnb.core.mode import Mode
from luxnb.core.spec import is_key, short
from luxnb.display.plain import plain
from luxnb.inspect.layout import layout
from luxnb.inspect.node import Frozen, Noted, Shared

Kind = Literal["output", "parameters", "state", "badge", "note", "fault"]


@dataclass(frozen=True)
class Word:
    """A few words that belong together, and what they speak of."""

    kind: Kind
    text: str


def entries(kind: Kind, sign: str, values: Mapping) -> Iterator[Word]:
    """A Word for each entry; neighbours of the same shape share it: `scale, bias f32[256]`."""
    said = [_said(sign, name, value) for name, value in values.items() if not badge(value)]
    for shape, alike in groupby(said, key=lambda pair: pair[1]):
        yield Word(kind, f"{', '.join(name for name, _ in alike)} {shape}")


def badge(value) -> str:
    """Random keys and modes are no numbers of the model; each is known by a word."""
    if isinstance(value, Noted) and not value.mark:
        value = value.value
    if is_key(value):
        return "key"
    return value.value if type(value) is Mode else ""


def is_changed(values: Mapping) -> bool:
    """Whether a difference marks some entry."""
    return any(isinstance(value, Noted) and value.mark for value in values.values())


def _said(sign: str, name: str, value) -> tuple[str, str]:
    """Its name, and its shape with whatever is noted of it."""
    name = sign + plain(name)
    if not isinstance(value, Noted):
        return name, _shape(value)
    shape = f"{_shape(value.value)} {plain(value.text, 120)}".rstrip()
    if value.mark == "~":
        before = _shape(value.before)
        is_same = value.text and before == _shape(value.value)
        return name, shape if is_same else f"{before} → {shape}"
    return value.mark + name, shape


def _shape(value) -> str:
    if isinstance(value, Shared):
        return f"shared with {plain(value.path)}"
    if isinstance(value, Frozen):
        value = value.value
    return f"{plain(value.value if type(value) is Mode else short(value))} {layout(value)}".rstrip()
