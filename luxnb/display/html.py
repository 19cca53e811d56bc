"""A Table as static HTML: nested lists that open and close without a script, in any theme.

All of it is written by `tag`, which escapes whatever is not already its own work. Where CSS is
taken away (an untrusted notebook, GitHub) it is still a tree: nested lists indent themselves.
With CSS no background is painted, and all colours are mixed from the text colour of the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from luxnb.display.element import Html, tag
from luxnb.display.entries import Kind
from luxnb.display.opening import opened
from luxnb.display.row import Row, Table, name_width
from luxnb.display.style import MARKS, NARROW, STYLE
from luxnb.display.wrap import padded

MOST_ROWS, MOST_BYTES = 1000, 190_000
WIDEST_TRUNK, WIDEST_WORDS, FEWEST_WORDS, LONGEST_WORD = 60, 45, 24, 80
GAP = 2
NO_BREAK = "\xa0"

# Elements that look right by themselves: code, a variable, emphasis, a marker pen.
_ELEMENT: dict[Kind, str] = {
    "output": "span", "parameters": "samp", "state": "var", "badge": "em", "note": "small",
    "fault": "mark",
}  # fmt: skip
_MARK = {"+": "plus", "−": "minus", "~": ""}

_AROUND = '<li><details open><ul style="--n:10ch"></ul></details></li>'


def html(table: Table) -> str:
    """The rows as one element that carries its own style: at most 1,000 rows, or 200 kB."""
    page = _Page(table, _widths(table), opened(table.root), MOST_ROWS, MOST_BYTES)
    tree = tag("ul", page.item(table.root))
    more = len(table.root) - (MOST_ROWS - page.rows)
    trunk, words, cells = page.measures()
    style = STYLE + MARKS * table.is_difference
    fewest = trunk + cells + 2 * GAP + min(words, FEWEST_WORDS)
    return tag(
        "div",
        tag("style", Html(style + NARROW.replace("WIDTH", str(fewest)))),
        tag("div", page.in_columns(table.headings)) if table.headings else "",
        tree,
        tag("p", f"… {more:,} more rows") if more else "",
        *(tag("p", note) for note in table.notes),
        class_="lx" + " lx-marks" * table.is_difference,
        style=f"container:lx{fewest}/inline-size;--t:{trunk + cells + 2 * GAP}ch;--a:{words}ch;"
        f"--c:{cells}ch",
    )


def _widths(table: Table) -> list[int]:
    """Of the columns, as wide as their widest cell; 0 where all cells are empty."""
    widths = [max(map(cell_len, cells)) for cells in zip(*_cells(table.root), strict=True)]
    headings = table.headings or ("",) * len(widths)
    return [max(w, len(h)) if w else 0 for w, h in zip(widths, headings, strict=True)]


def _cells(row: Row) -> Iterator[tuple[str, ...]]:
    yield row.cells
    for child in row.children:
        yield from _cells(child)


@dataclass
class _Page:
    """A Table that is being written, and how much may still be written."""

    table: Table
    widths: list[int]
    open_rows: frozenset[int]
    rows: int
    bytes: int

    def item(self, row: Row) -> Html:
        summary = self._summary(row)
        place = [] if row.children else _place(row)
        self.rows -= 1
        self.bytes -= len("".join([summary, *place]).encode()) + len(_AROUND)
        below = []
        for child in row.children:
            if self.rows > 0 and self.bytes > 0:
                below.append(self.item(child))
        names = name_width(row.children)
        is_open = bool(below) and id(row) in self.open_rows
        inner = [tag("ul", *below, style=f"--n:{names}ch")] if below else place
        return tag("li", tag("details", summary, *inner, open=is_open))

    def _summary(self, row: Row) -> Html:
        mark = tag("i", row.mark, class_=_MARK[row.mark]) + Html(" ") if row.mark else Html()
        name = tag("b", row.name) + Html(" ") if row.name else Html()
        title = tag("small", row.title) if row.is_muted else row.title
        words = [tag(_ELEMENT[word.kind], word.text) + Html(" ") for word in row.words]
        cells = self.in_columns(row.cells)
        return tag(
            "summary",
            tag("span", mark, name, title, " "),
            tag("span", *words) if words else "",
            tag("span", cells) if words or cells else "",
            title=row.share if row.children else "",
        )

    def in_columns(self, cells: tuple[str, ...]) -> str:
        """Cells at their width, with the gaps between them, without blanks in front; where they
        must go on in another line, that begins with a cell, never with its unit."""
        unbroken = (cell.replace(" ", NO_BREAK) for cell in cells)
        set_cells = [
            padded(cell, width) if column.is_left else " " * (width - cell_len(cell)) + cell
            for cell, width, column in zip(unbroken, self.widths, self.table.columns, strict=True)
            if width
        ]
        return (" " * GAP).join(set_cells).lstrip(" ") if any(cells) else ""

    def measures(self) -> tuple[int, int, int]:
        """The widths of the trunk, of what rows hold and of all cells."""
        trunk, words = (max(column) for column in zip(*_measured(self.table.root), strict=True))
        widths = list(filter(None, self.widths))
        cells = sum(widths) + GAP * max(len(widths) - 1, 0)
        return min(trunk, WIDEST_TRUNK), words, cells


def _measured(row: Row, indent: int = 4, names: int = 0) -> Iterator[tuple[int, int]]:
    trunk = indent + max(names, cell_len(row.name)) + 2 + cell_len(row.title)
    widths = [cell_len(word.text) + 1 for word in row.words if word.kind != "fault"]
    yield trunk, max(min(sum(widths), WIDEST_WORDS), min(max(widths, default=0), LONGEST_WORD))
    for child in row.children:
        yield from _measured(child, indent + 2, name_width(row.children))


def _place(row: Row) -> list[str]:
    """What a row without rows below it holds when it is opened: its path, to be copied."""
    share = f" {row.share}" if row.share else ""
    return [" ", tag("small", row.path), share] if row.path else []  # the blank: without a style
