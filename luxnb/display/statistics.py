"""What a person sees of the numbers in arrays: of one, and of all in a model."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import jax
from rich.cells import cell_len

from luxnb.core.spec import short
from luxnb.core.view import View, view
from luxnb.display.brief import Widths, brief, not_finite, numbers
from luxnb.display.cards import card
from luxnb.display.element import Html, tag
from luxnb.display.entries import Word
from luxnb.display.html import html
from luxnb.display.numbers import grouped
from luxnb.display.plain import plain
from luxnb.display.row import Row, Table, table
from luxnb.display.spark import WIDTH
from luxnb.display.text import terminal_width, text
from luxnb.inspect.activations import Activations
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.node import Frozen, Node, Noted, Shared
from luxnb.inspect.sample import SAMPLE
from luxnb.inspect.statistics import BUCKETS, Statistics
from luxnb.inspect.stats import StatisticsTree

OUTPUT = "→"
WIDEST_LABEL = 32  # of a name with its shape, up to which lines are aligned

STYLE = (
    ".lx-stats{font:13px/1.6 var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace)}"
    ".lx-stats *{font:inherit}"
    ".lx-stats p{margin:0!important}"
    ".lx-stats samp{color:color-mix(in oklab,currentColor 35%,#1f7fff)}"
    ".lx-stats mark{background:none;color:color-mix(in oklab,currentColor 35%,#f03)}"
    ".lx-stats small{color:color-mix(in srgb,currentColor 66%,transparent)}"
)


# -- one array -----------------------------------------------------------------------------------


@view.register
def view_statistics(found: Statistics) -> View:
    """At most three lines: what was looked at, the numbers, and what is not finite."""
    size = grouped(found.size)
    elements = f"{size} element" + "s" * (found.size != 1)
    if found.sampled:
        elements = f"{grouped(found.looked_at)} elements of {size}, sampled"
    bad = not_finite(found)
    lines = [
        ("small", f"{plain(short(found))}  {elements}"),
        ("samp", brief(found, BUCKETS) if found.size else ""),
        ("mark", f"✗ {bad}" if bad else ""),
    ]
    body = [tag("p", tag(element, line)) for element, line in lines if line]
    said = "\n".join(line for _, line in lines if line)
    return View(said, tag("div", tag("style", Html(STYLE)), *body, class_="lx-stats"))


# -- all of a model ------------------------------------------------------------------------------


@view.register
def view_statistics_tree(found: StatisticsTree) -> View:
    """The tree in which the arrays stand, with a line for each."""
    return card(*_noted(found))


@view.register
def view_activations(found: Activations) -> View:
    """The model's tree with a line for each layer's output."""
    root, notes = _noted(found)
    mode = (f"In {found.mode} mode",) if found.mode else ()
    # No total: these are outputs. And no columns: a line may go on below where there is no room.
    page = Table(_without_cells(table(root).root), (), False, (*mode, *notes))
    return View(text(page, terminal_width()), html(page))


def _without_cells(row: Row) -> Row:
    """The row with what stood in its cells as its first words."""
    return dataclasses.replace(
        row,
        words=(*(Word("output", cell) for cell in row.cells if cell), *row.words),
        cells=(),
        children=tuple(map(_without_cells, row.children)),
    )


def _noted(tree: StatisticsTree) -> tuple[Node, tuple[str, ...]]:
    """The Nodes with a line beside each array, all numbers aligned, and what to say below them."""
    found = tree.values()
    said = [(*map(cell_len, words),) for words in map(numbers, found) if words]
    widths = tuple(map(max, zip(*said, strict=True))) if said else (0,) * 4
    root = frozen_in_place(tree.root)
    scribe = _Scribe(widths, min(_widest(root), WIDEST_LABEL))
    note = f"≈ sampled: at most {grouped(SAMPLE)} elements; with exact=True, all of them"
    return scribe.write(root), (note,) * any(each.sampled for each in found)


def _widest(node: Node) -> int:
    """The widest name with its shape."""
    mine = (cell_len(_label(name, value)) for name, value in _arrays(node))
    return max([*mine, *map(_widest, node.children)], default=0)


def _arrays(node: Node) -> Iterator[tuple[str, Any]]:
    """What a Node says something of, and under which name."""
    yield from node.params.items()
    yield from ((f"~{name}", value) for name, value in node.state.items())
    if node.output is not None:
        yield OUTPUT, node.output


def _label(name: str, value) -> str:
    return f"{name} {short(value)}" if any(True for _ in _found(value)) else ""


@dataclasses.dataclass(frozen=True)
class _Scribe:
    widths: Widths
    label: int  # of a name with its shape

    def write(self, node: Node) -> Node:
        """What is not finite is a fault, and so the row is open."""
        faults = [
            f"{'the output' if name == OUTPUT else name} has {bad}"
            for name, value in _arrays(node)
            for found in _found(value)
            if (bad := not_finite(found))
        ]
        return dataclasses.replace(
            node,
            params={name: self.line(name, value) for name, value in node.params.items()},
            state={name: self.line(f"~{name}", value) for name, value in node.state.items()},
            output=self.line(OUTPUT, node.output),
            children=tuple(map(self.write, node.children)),
            faults=(*node.faults, *faults),
        )

    def line(self, name: str, value):
        """The value, with a line beside it if anything is known of its numbers."""
        found = list(_found(value))
        gap = self.label - cell_len(_label(name, value))
        said = [brief(each, WIDTH, self.widths, gap * (each is found[0])) for each in found]
        return Noted(value, "; ".join(said)) if found else value


def _found(value) -> Iterator[Statistics]:
    """The statistics in an entry, except of what is said elsewhere."""
    if isinstance(value, Frozen):
        value = value.value
    for leaf in jax.tree.leaves(value):
        if isinstance(leaf, Statistics) and not isinstance(value, Shared):
            yield leaf
