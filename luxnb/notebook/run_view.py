"""What is left of a run on the page: a static figure of its curves and a closing table."""

import base64
import importlib

import numpy as np

from luxnb.core.view import View, view
from luxnb.display.element import Html, tag
from luxnb.display.numbers import rounded
from luxnb.display.plain import plain
from luxnb.train.compare import Comparison
from luxnb.train.history import History
from luxnb.train.progress import Progress
from luxnb.train.run import Run


@view.register
def view_run(run: Run) -> View:
    """The run as it stands, without waiting for it. Needs no script; survives an untrusted page."""
    progress, records = run.latest, run.records
    line = closing_line(progress)
    table = closing_table(records)
    text = "\n".join([f"{run.title}: {line}", *_columns(table)])
    if not table:
        return View(text, tag("p", text))
    return View(text, tag("div", _picture(records), tag("p", line), _html_table(table)))


@view.register
def view_comparison(comparison: Comparison) -> View:
    """✓ or ✗, and what was found."""
    text = f"{'✓' if comparison.identical else '✗'} {comparison!r}"
    head, *rest = (plain(line, 300) for line in text.split("\n"))
    below = tag("pre", "\n".join(rest)) if rest else ""
    return View(text, tag("p", tag("strong", head[:1]), head[1:]) + below)


def closing_line(progress: Progress) -> str:
    """Status, steps, epochs, time and speed in one line."""
    words = [f"{progress.status}, {progress.step:,} of {progress.target:,} steps"]
    if progress.steps_per_epoch:
        words.append(f"{progress.epoch:,} epoch{'s' * (progress.epoch != 1)}")
    if progress.seconds:
        words.append(f"{progress.seconds:.1f} s")
        words.append(f"{rounded(progress.step / progress.seconds)} steps/s")
    if progress.message:
        words.append(plain(progress.message, 300))
    return " · ".join(words)


def closing_table(records: History) -> list[tuple[str, ...]]:
    """Each metric's first, last, lowest and highest value, under a heading; [] without steps."""
    if not len(records):
        return []
    rows: list[tuple[str, ...]] = [("metric", "first", "last", "lowest", "highest")]
    for name, column in records.items():
        values = column[0], column[-1], np.nanmin(column), np.nanmax(column)
        rows.append((plain(name), *(f"{value:.4g}" for value in values)))
    return rows


def _columns(table: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(
            word.ljust(width) if not i else word.rjust(width)
            for i, (word, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def _html_table(table: list[tuple[str, ...]]) -> Html:
    head, *body = table
    rows = [tag("tr", *(tag("th", word) for word in head))]
    rows += [tag("tr", *(tag("td", word) for word in row)) for row in body]
    return tag("table", *rows)


def _picture(records: History) -> Html:
    # matplotlib takes a second to import; only a picture needs it.
    figure = importlib.import_module("luxnb.display.figure")
    steps = np.arange(1, len(records) + 1)
    png = figure.curve_png({name: (steps, column) for name, column in records.items()})
    last = ", ".join(f"{name} {column[-1]:.4g}" for name, column in records.items())
    return tag(
        "img",
        src=f"data:image/png;base64,{base64.b64encode(png).decode()}",
        alt=f"curves over {len(records):,} steps, at the end {last}",
        style="max-width:100%;width:auto;max-height:24em",
    )
