"""Rows as plain text, for terminals and for whatever shows no HTML."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells

from luxnb.display.row import Row, Word, name_width

MOST_ROWS = 1000
GAP = 2


def text(root: Row, total: str, width: int) -> str:
    """A line for each row, more where there is much to say; never wider than `width`."""
    lines = list(_lines(root))
    shown, hidden = lines[:MOST_ROWS], len(lines) - MOST_ROWS
    page = _Page(width, _column(shown, width))
    written = [piece for line in shown for piece in page.set(line)]
    more = [f"… {hidden:,} more rows"] if hidden > 0 else []
    return "\n".join(_cut(line, width) for line in [*written, *more, total])


def terminal_width() -> int:
    """The width of the terminal; 80 where there is none, so that saved text is always the same."""
    return min(shutil.get_terminal_size().columns, 120) if sys.stdout.isatty() else 80


@dataclass(frozen=True)
class _Line:
    left: str  # guides, name and title
    below: str  # the guides alone, for what is continued on the next line
    row: Row


def _lines(row: Row, first: str = "", rest: str = "", names: int = 0) -> Iterator[_Line]:
    """The row and all below it; `first` and `rest` are the guides at its left and under it."""
    name = row.name + " " * (names - cell_len(row.name))
    left = (name + " " * GAP * bool(name) + row.title).rstrip()
    yield _Line(first + left, rest + "│ " * bool(row.children), row)
    names = name_width(row.children)
    for child in row.children:
        is_last = child is row.children[-1]
        guides = ("└ ", "  ") if is_last else ("├ ", "│ ")
        yield from _lines(child, rest + guides[0], rest + guides[1], names)


def _column(lines: list[_Line], width: int) -> int:
    """Right of all trunks but those that leave too little room for what rows hold."""
    trunks = [cell_len(line.left) for line in lines]
    return max((trunk for trunk in trunks if trunk <= 0.55 * width), default=width // 2) + GAP


@dataclass(frozen=True)
class _Page:
    """Three columns: the tree, what each row holds from `column` on, and numbers at the right."""

    width: int
    column: int

    def set(self, line: _Line) -> Iterator[str]:
        edge = self.width - len(line.row.numbers) - GAP
        words = [_plain_form(word) for word in line.row.words]
        text = _cut(line.left, edge)
        start = max(self.column, cell_len(text) + GAP)
        if words and start + cell_len(words[0]) <= edge:
            text = _pad(text, start) + words.pop(0)
            while words and cell_len(text) + 1 + cell_len(words[0]) <= edge:
                text += " " + words.pop(0)
        if line.row.numbers:
            text = _pad(text, self.width - len(line.row.numbers)) + line.row.numbers
        yield text
        while words:
            text = _pad(line.below, self.column) + words.pop(0)
            while words and cell_len(text) + 1 + cell_len(words[0]) <= self.width:
                text += " " + words.pop(0)
            yield text


def _plain_form(word: Word) -> str:
    return f"({word.text})" if word.kind in ("badge", "note") else word.text


def _pad(text: str, width: int) -> str:
    return text + " " * max(1, width - cell_len(text))


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else chop_cells(text, width - 1)[0] + "…"
