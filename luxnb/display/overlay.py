"""Curves of several runs, one over another. Imports matplotlib, so import it where it is used."""

from collections.abc import Mapping, Sequence
from typing import Any

from luxnb.display.figure import BLUE, GREY, canvas_of, png_of, thinned
from luxnb.display.plain import plain

# Read well on white and on near-black, and are told apart by those who see no red or no green.
INKS = (BLUE, "#e8780c", "#1a9e77", "#b44fc8", "#d6a400", "#e0457b", "#6b8e23", "#8a6d5a")
COLOURS = 64
Curves = Mapping[str, tuple[Any, Any]]


def overlay_png(runs: Sequence[tuple[str, Curves]], *, mark: int | None = None) -> bytes:
    """Each metric of (label, {metric: (steps, values)}) in axes of its own, a colour for each run.

    A dashed line marks the step at which the first two part. Returns PNG bytes.

    >>> curves = {"loss": ([0, 1, 2], [2.3, 1.9, 1.7])}
    >>> picture = overlay_png([("seed 0", curves), ("seed 1", curves)])
    """
    names = list(dict.fromkeys(name for _, curves in runs for name in curves))
    figure, all_axes = canvas_of(names)
    lines = {}
    for axes, name in zip(all_axes, names, strict=True):
        for number, (label, curves) in enumerate(runs):
            if name in curves:
                lines[number, label] = _draw(axes, number, *curves[name])
        if mark is not None:
            axes.axvline(mark, color=GREY, linewidth=0.8, linestyle="--")
    if lines:
        labels = [plain(label, 40) for _, label in lines]
        legend = figure.legend(
            list(lines.values()), labels, loc="outside lower center", ncols=4, fontsize=8,
            frameon=False, labelcolor=GREY,
        )  # fmt: skip
        for text in legend.get_texts():
            text.set_parse_math(False)
    return png_of(figure, COLOURS)


def _draw(axes, number: int, steps, values):
    """The line of one run; the later ones are thinner, so that those below can be seen."""
    steps, means, lows, highs = thinned(steps, values)
    ink, width = INKS[number % len(INKS)], max(2.4 - 0.9 * number, 1.2)
    axes.fill_between(steps, lows, highs, color=ink, alpha=0.12, linewidth=0)
    marker = "o" if len(means) == 1 else None
    return axes.plot(steps, means, color=ink, linewidth=width, marker=marker, markersize=3)[0]
