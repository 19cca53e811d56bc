"""A schedule on the page: its curve, as a figure and as a line of text."""

import base64
import importlib

import numpy as np

from luxnb.core.view import View, view
from luxnb.display.element import tag
from luxnb.display.spark import BLOCKS
from luxnb.train.schedule import Schedule

WIDTH = 60


@view.register
def view_schedule(schedule: Schedule) -> View:
    """A line of blocks between the lowest and the highest value, and the figure of the same."""
    words = repr(schedule).strip("<>")
    text = f"{words}\n{curve(schedule.values)}"
    # matplotlib takes a second to import; only a picture needs it.
    figure = importlib.import_module("luxnb.display.figure")
    png = figure.curve_png({"schedule": (np.arange(len(schedule)), schedule.values)})
    picture = tag(
        "img",
        src=f"data:image/png;base64,{base64.b64encode(png).decode()}",
        alt=words,
        style="max-width:100%;width:auto;max-height:24em",
    )
    return View(text, tag("div", picture, tag("p", words)))


def curve(values: np.ndarray, width: int = WIDTH) -> str:
    """A block for each of at most `width` stretches, as high as their mean; a gap where it is none.

    >>> curve(np.array([0.0, 1.0, 2.0, 3.0]))
    '▁▃▆█'
    """
    parts = np.array_split(np.asarray(values, np.float64), min(width, len(values)))
    means = np.array([part.mean() for part in parts])
    finite = means[np.isfinite(means)]
    if not finite.size:
        return " " * len(means)
    low, span = finite.min(), np.ptp(finite)
    heights = (means - low) / span if span else np.full(len(means), 0.5)
    highest = len(BLOCKS) - 1
    return "".join(
        BLOCKS[round(height * highest)] if np.isfinite(height) else " " for height in heights
    )
