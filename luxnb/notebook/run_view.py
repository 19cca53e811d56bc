"""What is left of a run on the page: a static figure of its curves and a closing table."""

import base64
import importlib

import numpy as np

from luxnb.core.view import View, view
from luxnb.display.element import Html, tag
from luxnb.display.numbers import rounded
from luxnb.display.plain import plain
from luxnb.notebook.table import columns, html_table
from luxnb.train.measure.epochs import Epochs
from luxnb.train.measure.history import History
from luxnb.train.run import Run
from luxnb.train.running.progress import Progress


@view.register
def view_run(run: Run) -> View:
    """The run as it stands, without waiting for it. Needs no script; survives an untrusted page."""
    records, validation, best = run.records, run.validation_records, _best(run)
    lines = [closing_line(run.latest), *([best_line(*best)] if best else [])]
    table = closing_table(records, validation)
    text = "\n".join([f"{run.title}: {lines[0]}", *lines[1:], *columns(table)])
    if not table:
        return View(text, tag("p", text))
    words = [tag("p", line) for line in lines]
    return View(text, tag("div", _picture(records, validation, best), *words, html_table(table)))


@view.register
def view_epochs(epochs: Epochs) -> View:
    """The table, as text and as HTML."""
    table = [tuple(plain(word) for word in row) for row in epochs.table]
    return View(repr(epochs), html_table(table))


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


def best_line(name: str, step: int, value: float) -> str:
    """Which validation was the best."""
    return f"best validation {plain(name)} {value:.4g} at step {step:,}"


def closing_table(records: History, validation: History | None = None) -> list[tuple[str, ...]]:
    """Each metric's first, last, lowest and highest value, under a heading; [] without steps."""
    if not len(records):
        return []
    rows: list[tuple[str, ...]] = [("metric", "first", "last", "lowest", "highest")]
    rows += [_extremes(plain(name), column) for name, column in records.items()]
    if validation is not None and len(validation):
        rows += [_extremes(f"validation {plain(n)}", column) for n, column in validation.items()]
    return rows


def _extremes(name: str, column: np.ndarray) -> tuple[str, ...]:
    # fmin passes over NaN, and says nothing where there is nothing else.
    values = column[0], column[-1], np.fmin.reduce(column), np.fmax.reduce(column)
    return (name, *(f"{value:.4g}" for value in values))


def _best(run: Run) -> tuple[str, int, float] | None:
    best, wanted = run.best_so_far, run.task.validation
    return None if best is None or wanted is None else (wanted.monitor, best.step, best.value)


def _picture(records: History, validation: History, best: tuple[str, int, float] | None) -> Html:
    # matplotlib takes a second to import; only a picture needs it.
    figure = importlib.import_module("luxnb.display.figure")
    png = figure.curve_png(_curves(records), validation=_curves(validation), best=best)
    last = ", ".join(f"{name} {column[-1]:.4g}" for name, column in records.items())
    return tag(
        "img",
        src=f"data:image/png;base64,{base64.b64encode(png).decode()}",
        alt=f"curves over {len(records):,} steps, at the end {last}",
        style="max-width:100%;width:auto;max-height:24em",
    )


def _curves(history: History) -> dict[str, tuple]:
    steps, rows = history.steps, history.since(0)
    n = min(len(steps), len(rows))  # it may just be growing
    return {name: (steps[:n], rows[:n, i]) for i, name in enumerate(history.names) if n}
