"""Curves of a training run as a small picture. Imports matplotlib, so import it where it is used.

It draws on a canvas of its own: pyplot would touch the user's current figure.
"""

import io
import math
from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

from luxnb.display.numbers import rounded
from luxnb.display.plain import plain

MOST_BUCKETS = 200
IN_A_ROW = 3
COLOURS = 32
FEW = 40  # points that are dots
GREY, BLUE, ORANGE = "#7b7b7b", "#3b82f6", "#d97706"  # read well on white and on near-black


def curve_png(
    history: Mapping[str, tuple],
    *,
    validation: Mapping[str, tuple] | None = None,
    best: tuple[str, int, float] | None = None,
    title: str = "",
) -> bytes:
    """Each metric's (steps, values) in axes of its own, as PNG bytes at twice the usual density.

    The points of `validation` are in the axes of the same metric, and `best`, a metric with a step
    and a value, is marked.

    >>> picture = curve_png({"loss": ([0, 1, 2], [2.3, 1.9, 1.7])})
    """
    validation = validation or {}
    names = list({**history, **validation})
    figure, all_axes = canvas_of(names)
    for axes, name in zip(all_axes, names, strict=True):
        if name in history:
            _draw(axes, *history[name])
        if name in validation:
            _draw_points(axes, *validation[name])
        if best is not None and best[0] == name:
            _mark(axes, *best[1:])
    if title:
        figure.suptitle(plain(title), color=GREY, fontsize=10, parse_math=False)
    return png_of(figure)


def canvas_of(names: Iterable[str]) -> tuple[Figure, list[Axes]]:
    """A figure on a canvas of its own, with axes for each name, ready to be drawn in."""
    names = list(names)
    columns = min(max(len(names), 1), IN_A_ROW)
    lines = max(math.ceil(len(names) / IN_A_ROW), 1)
    figure = Figure((3.4 * columns, 2.1 * lines), dpi=200, facecolor="none", layout="constrained")
    FigureCanvasAgg(figure)
    all_axes = [figure.add_subplot(lines, columns, place + 1) for place in range(len(names))]
    for axes, name in zip(all_axes, names, strict=True):
        _dress(axes, name)
    return figure, all_axes


def thinned(steps, values, most: int = MOST_BUCKETS) -> tuple[np.ndarray, ...]:
    """At most `most` buckets of neighbours: their first steps, means, minima and maxima."""
    steps, values = np.asarray(steps), np.asarray(values, dtype=float)
    if len(values) <= most:
        return steps, values, values, values
    starts = np.linspace(0, len(values), most, endpoint=False).astype(int)
    # NaN is passed over, so that a bucket is only lost when all of it is NaN.
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        means = np.add.reduceat(np.where(there, values, 0), starts) / np.add.reduceat(
            there.astype(int), starts
        )
    lows, highs = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    return steps[starts], means, lows, highs


def _draw(axes: Axes, steps, values) -> None:
    steps, means, lows, highs = thinned(steps, values)
    axes.fill_between(steps, lows, highs, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(steps, means, color=BLUE, linewidth=1.4, marker="o" if len(means) == 1 else None)


def _draw_points(axes: Axes, steps, values) -> None:
    steps, means, _, _ = thinned(steps, values)
    dots = "o" if len(means) <= FEW else None
    axes.plot(steps, means, color=ORANGE, linewidth=1.2, marker=dots, markersize=3)
    axes.set_title("validation", color=ORANGE, fontsize=8, loc="right")


def _mark(axes: Axes, step: int, value: float) -> None:
    ring = {"marker": "o", "markersize": 9, "markerfacecolor": "none", "markeredgewidth": 1.4}
    axes.plot([step], [value], color=ORANGE, **ring)
    words = f"validation, best {value:.4g} at {step:,}"
    axes.set_title(words, color=ORANGE, fontsize=8, loc="right")


def _dress(axes: Axes, name: str) -> None:
    axes.set_title(plain(name), color=GREY, fontsize=9, loc="left", parse_math=False)
    axes.set_facecolor("none")
    axes.grid(color=GREY, alpha=0.25, linewidth=0.5)
    axes.tick_params(colors=GREY, labelsize=8, length=2, width=0.5)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda step, _: rounded(step)))
    for side, spine in axes.spines.items():
        spine.set(visible=side in ("left", "bottom"), color=GREY, linewidth=0.5)


def png_of(figure: Figure, colours: int = COLOURS) -> bytes:
    """In few colours, for a third of the bytes: lines and letters need no more."""
    figure.canvas.draw()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba()))  # type: ignore[attr-defined]
    file = io.BytesIO()
    picture.quantize(colours, Image.Quantize.FASTOCTREE).save(file, "png", optimize=True)
    return file.getvalue()
