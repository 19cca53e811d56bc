"""Rows as static HTML: nested lists that open and close without a script, in any theme.

All of it is written by `tag`, which escapes whatever is not already its own work. Where CSS is
taken away (an untrusted notebook, GitHub) it is still a tree: nested lists indent themselves.
With CSS no background is painted, and all colours are mixed from the text colour of the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from luxnb.display.element import Html, tag
from luxnb.display.opening import opened
from luxnb.display.row import Kind, Row, name_width

MOST_ROWS, MOST_BYTES = 1000, 190_000
WIDEST_TRUNK, WIDEST_WORDS = 60, 45

# Elements that look right by themselves: code, a variable, emphasis, a marker pen.
_ELEMENT: dict[Kind, str] = {
    "parameters": "samp", "state": "var", "badge": "em", "note": "small", "fault": "mark",
}  # fmt: skip

STYLE = (
    ".lx{--m:color-mix(in srgb,currentColor 66%,transparent);"
    "font:13px/1.6 var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);"
    "width:calc(var(--t) + var(--a));max-width:100%}"
    ".lx *{font:inherit}"
    ".lx ul{list-style:none!important;margin:0!important;padding:0!important}"
    ".lx ul ul{margin-left:.5ch!important;padding-left:1.5ch!important;"
    "border-left:1px solid color-mix(in srgb,currentColor 18%,transparent)}"
    ".lx li{margin:0!important}"
    ".lx summary{display:flex;gap:0 2ch;cursor:pointer}"
    ".lx summary:focus-visible{outline:1px solid}"
    ".lx summary::before{content:'▸';width:1ch;margin-right:-1ch;color:var(--m)}"
    ".lx [open]>summary::before{content:'▾'}"
    ".lx details:not(:has(ul))>summary::before{content:'·'}"
    ".lx b{display:inline-block;min-width:var(--n);margin-right:1ch;font-weight:600}"
    ".lx summary>*{flex:1}"
    ".lx summary>:nth-child(2){flex:none;width:min(var(--a),max(48%,100% - var(--t) + 8ch))}"
    ".lx summary>:nth-child(3){flex:none;width:var(--c);text-align:right;white-space:pre}"
    ".lx :is(samp,var,em,small){white-space:nowrap}"
    ".lx samp{color:color-mix(in oklab,currentColor 35%,#1f7fff)}"
    ".lx var{color:color-mix(in oklab,currentColor 35%,#e8590c)}"
    ".lx mark{display:block;background:none;color:color-mix(in oklab,currentColor 35%,#f03)}"
    ".lx em,.lx small,.lx p{color:var(--m)}"
    ".lx details>small{margin-left:2ch}"
    ".lx small>span{-webkit-user-select:all;user-select:all;margin-right:2ch}"
    ".lx p{margin:.3em 0 0 2ch!important}"
)

_AROUND = '<li><details open><ul style="--n:10ch"></ul></details></li>'


def html(root: Row, total: str) -> str:
    """The rows as one element that carries its own style: at most 1,000 rows, or 200 kB."""
    room = _Room(MOST_ROWS, MOST_BYTES)
    tree = tag("ul", _item(root, opened(root), room))
    more = len(root) - (MOST_ROWS - room.rows)
    note = tag("p", f"… {more:,} more rows") if more else ""
    return tag(
        "div",
        tag("style", Html(STYLE)),
        tree,
        note,
        tag("p", total),
        class_="lx",
        style=_columns(root),
    )


@dataclass
class _Room:
    """How much may still be written."""

    rows: int
    bytes: int


def _item(row: Row, open_rows: frozenset[int], room: _Room) -> "Html":
    summary = _summary(row)
    place = _place(row) if not row.children else Html()
    room.rows -= 1
    room.bytes -= len((summary + place).encode()) + len(_AROUND)
    below = []
    for child in row.children:
        if room.rows > 0 and room.bytes > 0:
            below.append(_item(child, open_rows, room))
    names = f"--n:{name_width(row.children)}ch"
    inner = tag("ul", *below, style=names) if below else place
    return tag("li", tag("details", summary, inner, open=bool(below) and id(row) in open_rows))


def _summary(row: Row) -> "Html":
    name = tag("b", row.name, title=row.path if row.path != row.name else "") if row.name else ""
    words = [tag(_ELEMENT[word.kind], word.text) + Html(" ") for word in row.words]
    return tag(
        "summary",
        tag("span", name, " ", row.title, " "),
        tag("span", *words),
        tag("span", row.numbers, title=row.share if row.children else ""),
    )


def _columns(root: Row) -> str:
    """Widths as CSS variables: of the trunk and all gaps, of what rows hold, of numbers."""
    measured = list(_measured(root))
    trunk, words, numbers = (max(column) for column in zip(*measured, strict=True))
    trunk, words = min(trunk, WIDEST_TRUNK), min(words, WIDEST_WORDS)
    return f"--t:{trunk + numbers + 5}ch;--a:{words}ch;--c:{numbers}ch"


def _measured(row: Row, indent: int = 2, names: int = 0) -> Iterator[tuple[int, int, int]]:
    trunk = indent + max(names, cell_len(row.name)) + 2 + cell_len(row.title)
    yield trunk, sum(cell_len(word.text) + 1 for word in row.words), len(row.numbers)
    for child in row.children:
        yield from _measured(child, indent + 2, name_width(row.children))


def _place(row: Row) -> "Html":
    """What a row without rows below it holds when it is opened: its path, to be copied."""
    return tag("small", tag("span", row.path), " ", row.share)
