"""A Table as plain text, for terminals and for whatever shows no HTML."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from luxnb.display.entries import Word
from luxnb.display.row import Row, Table, name_width
from luxnb.display.wrap import padded, wrapped

MOST_ROWS = 1000
GAP = 2
FEWEST_WORDS = 20


def text(table: Table, width: int) -> str:
    """A line for each row, more where there is much to say; never wider than `width`, and
    nothing is cut: what finds no room goes on in the next line."""
    lines = list(_lines(table.root))
    shown, hidden = lines[:MOST_ROWS], len(lines) - MOST_ROWS
    page = _page(table, shown, width)
    written = [*page.heading(), *(piece for line in shown for piece in page.set(line))]
    written += [f"… {hidden:,} more rows"] if hidden > 0 else []
    for note in table.notes:
        written += wrapped(note, width, "  ")
    return "\n".join(written)


def terminal_width() -> int:
    """The width of the terminal; 80 where there is none, so that saved text is always the same."""
    return min(shutil.get_terminal_size().columns, 120) if sys.stdout.isatty() else 80


@dataclass(frozen=True)
class _Line:
    """A row with the guides at its left, and those under it where it goes on in the next line."""

    guides: str
    below: str
    row: Row
    names: int  # in how many cells its name is set

    @property
    def label(self) -> str:
        """Name and title."""
        name = padded(self.row.name, self.names) if self.row.name else ""
        return (name + " " * GAP * bool(name) + self.row.title).rstrip()

    @property
    def trunk(self) -> int:
        return cell_len(self.guides) + cell_len(self.label)


def _lines(row: Row, first: str = "", rest: str = "", names: int = 0) -> Iterator[_Line]:
    """The row and all below it; `first` and `rest` are the guides at its left and under it."""
    yield _Line(first, rest + "│ " * bool(row.children), row, names)
    names = name_width(row.children)
    for child in row.children:
        is_last = child is row.children[-1]
        guides = ("└ ", "  ") if is_last else ("├ ", "│ ")
        yield from _lines(child, rest + guides[0], rest + guides[1], names)


def _page(table: Table, lines: list[_Line], width: int) -> "_Page":
    marks = 2 if table.is_difference else 0
    width -= marks
    trunks = sorted(line.trunk for line in lines)
    widths = _widths(table, lines)
    # What stands in columns: the most important, as long as half of the trunks have room beside.
    room, kept = width - min(trunks[len(trunks) // 2], width // 2), []
    for i in sorted(range(len(widths)), key=lambda i: table.columns[i].rank):
        if widths[i] and (room := room - widths[i] - GAP) >= 0:
            kept.append(i)
    # Right of all trunks but those that leave too little room for what rows hold.
    column = max((trunk for trunk in trunks if trunk <= 0.55 * width), default=width // 2) + GAP
    if column + FEWEST_WORDS > width - sum(widths[i] + GAP for i in kept):
        column = 0
    return _Page(table, width, marks, column, [w * (i in kept) for i, w in enumerate(widths)])


def _widths(table: Table, lines: list[_Line]) -> list[int]:
    """Of each column; 0 where all its cells are empty."""
    headings = table.headings or ("",) * len(table.columns)
    cells = zip(*(line.row.cells for line in lines), strict=True)
    widths = [max(map(cell_len, column)) for column in cells]
    return [max(w, len(h)) if w else 0 for w, h in zip(widths, headings, strict=True)]


@dataclass(frozen=True)
class _Page:
    """The tree at the left, what each row holds from `column` on, and cells at the right."""

    table: Table
    width: int  # without the marks
    marks: int  # the width of the marks of a difference, left of all
    column: int
    widths: list[int]  # of the table's columns; 0 for one that stands among the words

    def heading(self) -> Iterator[str]:
        if self.table.headings and sum(map(bool, self.widths)) > 1:
            cells = self._in_columns(self.table.headings)
            yield padded("", self.marks + self.width - cell_len(cells)) + cells.rstrip()

    def set(self, line: _Line) -> Iterator[str]:
        mark = padded(line.row.mark, self.marks)
        for piece in self._set(line):
            yield (mark + piece).rstrip()
            mark = " " * self.marks

    def _set(self, line: _Line) -> Iterator[str]:
        cells = self._in_columns(line.row.cells).lstrip()
        edge = self.width - (cell_len(cells) + GAP if cells else 0)
        guides, below = (_short(guides, self.width // 2) for guides in (line.guides, line.below))
        under = padded(below, min(cell_len(guides) + line.names + GAP, self.width // 2))
        words, faults = self._words(line.row)
        trunk, least = guides + line.label, line.trunk + GAP
        if cell_len(trunk) > edge:
            *pieces, trunk = self._wrapped_trunk(line, guides, under)
            yield from pieces
            least = cell_len(trunk) + GAP
        if cell_len(trunk) > edge:  # it stands alone, and the rest as if under a short one
            yield trunk
            trunk, least = under, cell_len(under)
        start = self._start(least, words, edge)
        if start is not None:
            trunk = padded(trunk, start) + words.pop(0)
            while words and cell_len(trunk) + 1 + cell_len(words[0]) <= edge:
                trunk += " " + words.pop(0)
        if trunk != under or cells:
            yield padded(trunk, self.width - cell_len(cells)) + cells
        widest = max(map(cell_len, words), default=0)
        fits = self.column and self.column + widest <= self.width
        yield from self._flow(padded(below, self.column) if fits else under, words)
        for fault in faults:
            yield from self._flow(under, [fault])

    def _wrapped_trunk(self, line: _Line, guides: str, under: str) -> list[str]:
        first, *rest = wrapped(line.label, self.width - cell_len(guides))
        if rest:  # on, then, below the title
            told = " ".join(rest)
            rest = wrapped(told, self.width - cell_len(under))
        return [guides + first, *(under + piece for piece in rest)]

    def _start(self, least: int, words: list[str], edge: int) -> int | None:
        """Where in the row's own line its words begin, if they do: at their column, or as far left
        of it as they must to fit all."""
        if not words:
            return None
        aligned, needed = max(self.column, least), sum(map(cell_len, words)) + len(words) - 1
        if min(aligned, edge - needed) >= least:
            return min(aligned, edge - needed)
        return aligned if self.column and aligned + cell_len(words[0]) <= edge else None

    def _flow(self, left: str, words: list[str]) -> Iterator[str]:
        """The words behind `left`, as many on a line as there is room."""
        room, said = self.width - cell_len(left), ""
        for word in words:
            if said and cell_len(said) + 1 + cell_len(word) > room:
                yield from (left + piece for piece in wrapped(said, room))
                said = ""
            said = f"{said} {word}" if said else word
        if said:
            yield from (left + piece for piece in wrapped(said, room))

    def _words(self, row: Row) -> tuple[list[str], list[str]]:
        """What is said beside the columns, faults apart."""
        words = [_plain_form(word) for word in row.words if word.kind != "fault"]
        faults = [word.text for word in row.words if word.kind == "fault"]
        for column, cell, width in zip(self.table.columns, row.cells, self.widths, strict=True):
            if cell and not width:
                said = column.said.format(cell)
                words.insert(0 if column.is_left else len(words), said)
        return words, faults

    def _in_columns(self, cells: tuple[str, ...]) -> str:
        """Cells at their width, with the gaps between them; nothing when all are empty."""
        set_cells = [
            padded(cell, width) if column.is_left else " " * (width - cell_len(cell)) + cell
            for cell, width, column in zip(cells, self.widths, self.table.columns, strict=True)
            if width
        ]
        joined = (" " * GAP).join(set_cells)
        return joined if joined.strip() else ""


def _plain_form(word: Word) -> str:
    return f"({word.text})" if word.kind in ("badge", "note") else word.text


def _short(guides: str, most: int) -> str:
    """Of very deep guides, those of the innermost."""
    return guides if len(guides) <= most else "⋯ " + guides[len(guides) - most + 2 :]
