"""Row: what is said of a Node, in words. Text and HTML only set these words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len

from luxnb.display.columns import Column, changed_output, columns
from luxnb.display.config import config
from luxnb.display.entries import Word, badge, entries, is_changed
from luxnb.display.numbers import grouped, percent, rounded, size
from luxnb.display.plain import plain
from luxnb.display.total import sentences
from luxnb.inspect.count import Tally, change, tally
from luxnb.inspect.node import Mark, Node

LONGEST_ALIGNED = 14


@dataclass(frozen=True)
class Row:
    """A Node in words. All strings are plain: nothing in them acts on a terminal."""

    mark: Mark
    name: str  # "layer_1", "layer_1…12"
    title: str  # "Dense(784 => 256, relu)", " ×12"
    words: tuple[Word, ...]
    cells: tuple[str, ...]  # "200,960", or nothing; one for each column
    path: str
    share: str  # "804 kB, 85 %"
    children: tuple["Row", ...]
    must_be_seen: bool  # it, or something below it, is at fault or has changed
    is_muted: bool = False  # stands for rows of which nothing is to be said

    def __len__(self):
        """How many rows there are, this one included."""
        return 1 + sum(map(len, self.children))


@dataclass(frozen=True)
class Table:
    """All Rows, from the root, the columns of their cells, and what is to be said below them."""

    root: Row
    columns: tuple[Column, ...]
    is_difference: bool
    notes: tuple[str, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """None where the cells speak for themselves."""
        return tuple(column.heading for column in self.columns) if len(self.columns) > 2 else ()


def table(root: Node, notes: tuple[str, ...] = ()) -> Table:
    """A Node with all below it in words, the sentences that sum it up, and `notes` after them."""
    is_difference = _has_mark(root)
    total = tally(root)
    scribe = _Scribe(columns(root, is_difference), total, is_difference)
    written = scribe.write(root)
    said = (*sentences(root, total, written.change if is_difference else None), *notes)
    return Table(written.row, scribe.columns, is_difference, tuple(plain(s, 300) for s in said))


def name_width(siblings: tuple[Row, ...]) -> int:
    """What to set siblings' names in so that their titles align; 0 when some name is too long."""
    widest = max((cell_len(row.name) for row in siblings), default=0)
    return widest if widest <= LONGEST_ALIGNED else 0


def _has_mark(node: Node) -> bool:
    if node.mark or is_changed(node.params) or is_changed(node.state):
        return True
    return any(map(_has_mark, node.children))


@dataclass(frozen=True)
class _Written:
    """A Row with the sums that stand behind its numbers."""

    row: Row
    tally: Tally
    change: Tally
    is_changed: bool
    places: int  # of how many neighbours it says something


@dataclass(frozen=True)
class _Scribe:
    columns: tuple[Column, ...]
    total: Tally
    is_difference: bool

    def write(self, node: Node) -> _Written:
        below = list(map(self.write, node.children))
        mine = tally(node, tuple(w.tally for w in below))
        changed = change(node, tuple(w.change for w in below)) if self.is_difference else mine
        is_new = bool(node.mark or is_changed(node.params) or is_changed(node.state))
        row = Row(
            node.mark,
            _name(node),
            _title(node),
            tuple(_words(node, mine, self.is_difference)),
            tuple(column.cell(node, changed) for column in self.columns),
            plain(node.path, 200),
            self._share(mine),
            tuple(self._siblings(below) if self.is_difference else (w.row for w in below)),
            is_new or bool(node.faults) or any(w.row.must_be_seen for w in below),
        )
        places = node.repeat * (len(below) if node.last and node.layer is None else 1)
        return _Written(row, mine, changed, is_new or any(w.is_changed for w in below), places)

    def _share(self, mine: Tally) -> str:
        if self.is_difference or not mine.parameters:
            return ""
        share = percent(mine.parameters, self.total.parameters)
        return size(mine.parameter_bytes) + f", {share}" * (share != "<1 %")

    def _siblings(self, below: list[_Written]) -> Iterator[Row]:
        """In a difference: neighbours in which nothing changed are one row, which does not open."""
        for changed, run in groupby(below, key=lambda written: written.is_changed):
            if changed:
                yield from (written.row for written in run)
            else:
                yield self._unchanged(list(run))

    def _unchanged(self, run: list[_Written]) -> Row:
        places = sum(written.places for written in run)
        one = run[0].row
        name, title = (
            (one.name, one.title) if places == 1 else ("", f"… {grouped(places)} unchanged")
        )
        path = one.path if places == 1 else ""
        faulty = any(written.row.must_be_seen for written in run)
        cells = ("",) * len(self.columns)
        return Row("", name, title, (), cells, path, "", (), faulty, is_muted=True)


def _name(node: Node) -> str:
    if not node.last:
        return plain(node.name)
    last = node.last
    stems = [re.sub(r"\d+$", "", name) for name in (node.name, last)]
    if stems[0] == stems[1] and stems[0] != last:
        last = last.removeprefix(stems[0])
    return f"{plain(node.name)}…{plain(last)}"


def _title(node: Node) -> str:
    before = node.before.layer if node.before is not None else None
    title = config(node.layer, before) if node.layer is not None else "Tree" * (not node.name)
    return f"{title} ×{grouped(node.repeat)}".lstrip() if node.repeat > 1 else title


def _words(node: Node, mine: Tally, is_difference: bool) -> Iterator[Word]:
    if is_difference and changed_output(node):
        yield Word("output", changed_output(node))
    yield from entries("parameters", "", node.params)
    yield from entries("state", "~", node.state)
    badges = dict.fromkeys(filter(None, map(badge, [*node.params.values(), *node.state.values()])))
    if mine.frozen:
        badges[f"{grouped(mine.frozen)} frozen"] = None
    if badges:
        yield Word("badge", ", ".join(badges))
    notes = [plain(remark, 120) for remark in node.remarks]
    if node.repeat > 1 and mine.parameters:
        notes.append(f"{rounded(mine.parameters // node.repeat)} each")
    is_plain = node.layer is None and node.name and node.output is None
    if is_plain and not (node.params or node.state or node.children):
        notes.append("empty")
    if notes:
        yield Word("note", ", ".join(notes))
    for fault in node.faults:
        yield Word("fault", f"✗ {plain(fault, 300)}")
