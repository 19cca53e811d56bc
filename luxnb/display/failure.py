"""What a person sees of a call that failed: the model's tree around the layer that failed."""

import dataclasses
from collections.abc import Iterator

from luxnb.core.errors import Failure
from luxnb.core.view import View, view
from luxnb.display.entries import Word
from luxnb.display.html import html
from luxnb.display.plain import plain
from luxnb.display.row import Row, Table, table
from luxnb.display.text import terminal_width, text
from luxnb.inspect.failure import failed
from luxnb.inspect.fold import fold

MOST_LINES = 25  # it is printed under a traceback
LONGEST_WORD = 120  # of a row, where there is no room


@view.register
def view_failure(failure: Failure) -> View:
    """The rows around the one that failed, with shapes up to there; the same ones in both faces."""
    near = _near(table(fold(failed(failure))), terminal_width())
    return View(text(near, terminal_width()), html(near))


def _near(whole: Table, width: int) -> Table:
    """All of a small model; of a large one as many rows as fit."""
    for most in (16,) * (len(whole.root) <= 16) + (12, 8, 5):
        near = dataclasses.replace(whole, root=around_faults(whole.root, most), notes=())
        if text(near, width).count("\n") < MOST_LINES:
            return near
    return dataclasses.replace(whole, root=_terse(around_faults(whole.root, 3)), notes=())


def _terse(row: Row) -> Row:
    """The same rows, with only so much of what they hold, and all that is wrong."""
    words = tuple(word if word.kind == "fault" else _cut(word) for word in row.words)
    return dataclasses.replace(row, words=words, children=tuple(map(_terse, row.children)))


def _cut(word: Word) -> Word:
    return Word(word.kind, plain(word.text, LONGEST_WORD))


def around_faults(root: Row, most: int) -> Row:
    """The same rows, but only so many: those with faults and what is next to them. What is left
    out between them is counted."""
    away = sorted(_away(root, 0), key=lambda pair: pair[0])  # stable: what comes first, stays first
    return _only(root, {id(row) for _, row in away[:most]})


def _away(row: Row, steps: int) -> Iterator[tuple[int, Row]]:
    """Every row with its distance from the faults; a row is never nearer than the one above it,
    and what is inside of a neighbour is far."""
    yield steps, row
    faulty = [i for i, child in enumerate(row.children) if child.must_be_seen]
    inside = 0 if row.must_be_seen else 2
    for i, child in enumerate(row.children):
        aside = min((abs(i - at) for at in faulty), default=i + 1)
        yield from _away(child, steps + aside + inside)


def _only(row: Row, kept: set[int]) -> Row:
    children, hidden = [], []
    for child in row.children:
        if id(child) in kept:
            children += [*_instead(hidden), _only(child, kept)]
            hidden = []
        else:
            hidden.append(child)
    if children:  # else it is closed, with all that is below it
        children += _instead(hidden)
    return dataclasses.replace(row, children=tuple(children))


def _instead(hidden: list[Row]) -> list[Row]:
    """What stands for rows that are left out: the one that it would be, or their number."""
    closed = [dataclasses.replace(row, children=()) for row in hidden]
    if len(closed) < 2:
        return closed
    said = {"name": "", "title": f"… {len(hidden):,} more", "path": "", "share": "", "words": ()}
    cells = ("",) * len(closed[0].cells)
    return [dataclasses.replace(closed[0], **said, cells=cells, is_muted=True, must_be_seen=False)]
