"""Curves of many trainings as a small picture: thin lines, the band they fill, and their mean.

Imports matplotlib, so import it where it is used.
"""

import math
from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from luxnb.display.figure import BLUE, GREY, canvas_of, png_of, thinned
from luxnb.display.plain import plain

COLOURS = (BLUE, "#e8590c", "#16a34a", "#d946ef", "#a16207", "#0891b2", "#e11d48", "#8b5cf6")
SHADES = 64  # of all bands, lines and letters in a picture
BUCKETS = 80  # of each curve: more of them is only noise where many curves meet
STEEP = 1e3  # the highest over the lowest value from which an axis is logarithmic


def band_png(
    metrics: Mapping[str, tuple], groups: Mapping[str, Sequence[int]] | None = None
) -> bytes:
    """Each metric's (steps, (members, steps)) in axes of its own, as PNG bytes.

    `groups` has the members of one colour, by the name that the legend gives them.

    >>> picture = band_png({"loss": ([1, 2], np.array([[2.0, 1.0], [2.2, 1.5]]))})
    """
    figure, all_axes = canvas_of(metrics)
    for axes, (steps, values) in zip(all_axes, metrics.values(), strict=True):
        values = np.asarray(values, dtype=float)
        several = groups or {"": range(len(values))}
        for colour, members in zip(colours(len(several)), several.values(), strict=True):
            _draw(axes, steps, values[list(members)], colour)
        _scale(axes, values)
    if groups:
        _legend(figure, all_axes[0], [plain(name) for name in groups])
    return png_of(figure, SHADES)


def colours(n: int) -> list:
    """So many colours that read well on white and on near-black."""
    if n <= len(COLOURS):
        return list(COLOURS[:n])
    return list(matplotlib.colormaps["viridis"](np.linspace(0.25, 0.9, n)))


def _legend(figure: Figure, axes: Axes, names: list[str]) -> None:
    lines = [axes.plot([], [], color=colour)[0] for colour in colours(len(names))]
    inches = 0.7 + 0.07 * max(map(len, names))
    across = max(1, int(figure.get_size_inches()[0] / inches))
    figure.set_figheight(figure.get_figheight() + 0.2 * math.ceil(len(names) / across))
    figure.legend(
        lines, names, loc="outside lower center", ncols=across, frameon=False, fontsize=8,
        labelcolor=GREY,
    )  # fmt: skip


def _draw(axes: Axes, steps, values: np.ndarray, colour) -> None:
    curves = [thinned(steps, each, BUCKETS) for each in values]
    steps = curves[0][0]
    means = np.array([mean for _, mean, _, _ in curves])
    there = ~np.isnan(means).all(0)  # where somebody lives
    marker = "o" if there.sum() == 1 else None
    low, high, middle = (reduce(means[:, there], axis=0) for reduce in _BAND)
    axes.fill_between(steps[there], low, high, color=colour, alpha=0.18, linewidth=0)
    for each in means:
        axes.plot(steps, each, color=colour, alpha=0.45, linewidth=0.6, marker=marker, markersize=2)
    axes.plot(steps[there], middle, color=colour, linewidth=1.6, marker=marker, markersize=4)


_BAND = np.nanmin, np.nanmax, np.nanmean


def _scale(axes: Axes, values: np.ndarray) -> None:
    """One member that goes astray must not press the others flat."""
    finite = values[np.isfinite(values)]
    if len(finite) and finite.min() > 0 and finite.max() > STEEP * finite.min():
        axes.set_yscale("log")
