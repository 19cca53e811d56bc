"""Row: what is said of a Node, in words. Text and HTML only set these words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rich.cells import cell_len

from luxnb.core.mode import Mode
from luxnb.core.spec import is_key, short
from luxnb.display.config import config
from luxnb.display.numbers import grouped, percent, size
from luxnb.display.plain import plain
from luxnb.inspect.count import Tally, tally
from luxnb.inspect.node import Node, Shared

Kind = Literal["parameters", "state", "badge", "note", "fault"]


@dataclass(frozen=True)
class Word:
    """A few words that stay on one line, and what they speak of."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Row:
    """A Node in words. All strings are plain: nothing in them acts on a terminal."""

    name: str  # "layer_1", "layer_1…12"
    title: str  # "Dense(784 => 256, relu)", " ×12"
    words: tuple[Word, ...]
    numbers: str  # "200,960", or nothing
    path: str
    share: str  # "804 kB, 85 %"
    children: tuple["Row", ...]
    is_faulty: bool  # it or something below it

    def __len__(self):
        """How many rows there are, this one included."""
        return 1 + sum(map(len, self.children))


def rows(root: Node) -> tuple[Row, str]:
    """The Row of the root, with all below it, and the sentence that sums them up."""
    total = tally(root)
    is_tree = root.layer is None
    return _row(root, total, is_tree)[0], _sum(total, is_tree)


def name_width(siblings: tuple[Row, ...]) -> int:
    """What to set siblings' names in so that their titles align; 0 when some name is too long."""
    widest = max((cell_len(row.name) for row in siblings), default=0)
    return widest if widest <= 20 else 0


def _row(node: Node, total: Tally, is_tree: bool) -> tuple[Row, Tally]:
    pairs = [_row(child, total, is_tree) for child in node.children]
    mine = tally(node, tuple(t for _, t in pairs))
    amount = size(mine.parameter_bytes)
    numbers = grouped(mine.parameters) if mine.parameters else ""
    row = Row(
        _name(node),
        _title(node),
        tuple(_words(node, mine)),
        f"{numbers}  {amount:>6}" if is_tree and numbers else numbers,
        plain(node.path, 200),
        f"{amount}, {percent(mine.parameters, total.parameters)}" if numbers else "",
        tuple(row for row, _ in pairs),
        bool(node.faults) or any(row.is_faulty for row, _ in pairs),
    )
    return row, mine


def _name(node: Node) -> str:
    if not node.last:
        return plain(node.name)
    last = node.last
    stems = [re.sub(r"\d+$", "", name) for name in (node.name, last)]
    if stems[0] == stems[1] and stems[0] != last:
        last = last.removeprefix(stems[0])
    return f"{plain(node.name)}…{plain(last)}"


def _title(node: Node) -> str:
    title = config(node.layer) if node.layer is not None else "Tree" * (not node.name)
    return f"{title} ×{grouped(node.repeat)}".lstrip() if node.repeat > 1 else title


def _words(node: Node, mine: Tally) -> Iterator[Word]:
    yield from _entries("parameters", "", node.params)
    yield from _entries("state", "~", node.state)
    badges = dict.fromkeys(filter(None, map(_badge, [*node.params.values(), *node.state.values()])))
    if badges:
        yield Word("badge", ", ".join(badges))
    if node.repeat > 1 and mine.parameters:
        yield Word("note", f"{grouped(mine.parameters // node.repeat)} each")
    for fault in node.faults:
        yield Word("fault", f"✗ {plain(fault, 120)}")


def _entries(kind: Kind, sign: str, entries: Mapping) -> Iterator[Word]:
    """Neighbours of the same shape share it: `scale, bias f32[256]`."""
    shown = [(name, _spec(value)) for name, value in entries.items() if not _badge(value)]
    for spec, alike in groupby(shown, key=lambda pair: pair[1]):
        yield Word(kind, f"{', '.join(sign + plain(name) for name, _ in alike)} {spec}")


def _spec(value) -> str:
    return plain(repr(value) if isinstance(value, Shared) else short(value))


def _badge(value) -> str:
    """Random keys and modes are no numbers of the model."""
    if is_key(value):
        return "key"
    return value.value if isinstance(value, Mode) else ""


def _sum(total: Tally, is_tree: bool) -> str:
    what = "element" if is_tree else "parameter"
    said = f"Total: {_amount(total.parameters, what, total.parameter_bytes)}"
    if total.states:
        said += f", plus {_amount(total.states, 'state', total.state_bytes)}"
    return said


def _amount(number: int, what: str, bytes: int) -> str:
    amount = f" ({size(bytes)})" if number else ""
    return f"{grouped(number)} {what}{'s' * (number != 1)}{amount}"
