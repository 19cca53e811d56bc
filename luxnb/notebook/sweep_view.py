"""What a person sees of a sweep: the band of its members' curves, and a table of the members."""

import base64
import importlib
from collections.abc import Iterable

import numpy as np

from luxnb.core.view import View, view
from luxnb.display.element import Html, tag
from luxnb.display.plain import plain
from luxnb.notebook.run_view import closing_line
from luxnb.notebook.table import Table, columns, html_table
from luxnb.train.step.hyperparameters import hyperparameters
from luxnb.train.sweep.grid import named
from luxnb.train.sweep.history import MemberHistory
from luxnb.train.sweep.sweep import Sweep

MOST = 32  # members in the table


@view.register
def view_sweep(sweep: Sweep) -> View:
    """The sweep as it stands, without waiting for it. Needs no script."""
    line = f"{plain(sweep.title)}: {closing_line(sweep.latest)}"
    history = sweep.member_records
    if not len(history):
        return View(line, tag("p", line))
    table, notes = members_table(sweep, history), list(_notes(sweep))
    text = "\n".join([line, *columns(table), *notes])
    below = [tag("p", note) for note in notes]
    return View(
        text, tag("div", _picture(sweep, history), tag("p", line), html_table(table), *below)
    )


def members_table(sweep: Sweep, history: MemberHistory) -> Table:
    """What differs in each member, its loss of late and at its lowest, its other metrics of late.

    Of many, those with the lowest loss.
    """
    names = _shown(sweep, history)
    recent = {name: sweep.recent(name) for name in names}
    losses = history["loss"]
    steps = np.isfinite(losses).sum(1)
    stopped = bool((steps < len(history)).any())
    head = [*sweep.members[0], "loss", "lowest", *names[1:], *["steps"] * stopped]
    table = [tuple(plain(word) for word in head)]
    for i in _listed(recent["loss"]):
        words = [named({"": value})[1:] for value in sweep.members[i].values()]
        low = np.fmin.reduce(losses[i])
        values = [recent["loss"][i], low, *(recent[name][i] for name in names[1:])]
        words += ["–" if np.isnan(value) else f"{value:.4g}" for value in values]
        table.append((*map(plain, words), *[f"{steps[i]:,}"] * stopped))
    return table


def _listed(losses: np.ndarray) -> Iterable[int]:
    if len(losses) <= MOST:
        return range(len(losses))
    return np.argsort(losses, kind="stable")[:MOST]


def _notes(sweep: Sweep) -> Iterable[str]:
    losses = sweep.recent("loss")
    if len(losses) > MOST:
        yield f"… and {len(losses) - MOST} more with a higher loss"
    finite = losses[np.isfinite(losses)]
    span = "epoch" if sweep.latest.steps_per_epoch else "100 steps"
    if len(finite):
        best = int(np.nanargmin(losses))
        yield (
            f"loss {finite.mean():.4g} ± {finite.std():.2g} over the last {span}, lowest in member "
            f"{best}: {plain(sweep.names[best])}"
        )
    if len(finite) < len(losses):
        stand = len(losses) - len(finite)
        yield f"{stand} of {len(losses)} stopped: their next loss was not finite"


def _shown(sweep: Sweep, history: MemberHistory) -> list[str]:
    """The metrics, without hyper-parameters that tell nothing new: swept over, or constant."""
    ts = sweep.latest_ts
    there = hyperparameters(ts.optimizer_state) if ts is not None else {}
    told = {name for name in there if name in history.names and _constant(history[name])}
    return [name for name in history.names if name not in told | sweep.members[0].keys()]


def _constant(values: np.ndarray) -> bool:
    return bool(np.fmin.reduce(values, None) == np.fmax.reduce(values, None))


def _groups(sweep: Sweep) -> dict[str, list[int]] | None:
    """The members of one colour: those that differ in nothing but the seed."""
    groups: dict[str, list[int]] = {}
    for i, member in enumerate(sweep.members):
        label = named({name: value for name, value in member.items() if name != "seed"})
        groups.setdefault(label, []).append(i)
    return groups if len(groups) > 1 else None


def _picture(sweep: Sweep, history: MemberHistory) -> Html:
    # matplotlib takes a second to import; only a picture needs it.
    band = importlib.import_module("luxnb.display.band")
    steps, values = history.steps, dict(history.items())
    steps = steps[: len(values["loss"][0])]
    metrics = {name: (steps, values[name]) for name in _shown(sweep, history)}
    png = band.band_png(metrics, _groups(sweep))
    return tag(
        "img",
        src=f"data:image/png;base64,{base64.b64encode(png).decode()}",
        alt=f"curves of {len(sweep)} members over {len(steps):,} steps",
        style=f"width:{_width(png) // 2}px;max-width:100%;height:auto",
    )


def _width(png: bytes) -> int:
    """In pixels, of which the picture has two to one of the page."""
    return int.from_bytes(png[16:20])
