"""heatmap: an array as a picture of its numbers, in a cell and in a terminal."""

from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING

import numpy as np

from luxnb.core.spec import short
from luxnb.core.view import View
from luxnb.display.brief import not_finite, number
from luxnb.display.element import Html, tag
from luxnb.display.plain import plain
from luxnb.inspect.statistics import Statistics, statistics

if TYPE_CHECKING:
    from luxnb.display.tiles import Tiles

SHADES = "░▒▓█"
ROWS, COLUMNS = 12, 48

STYLE = (
    ".lx-heat{margin:0!important;"
    "font:13px/1.6 var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace)}"
    ".lx-heat *{font:inherit}"
    ".lx-heat img{display:block;margin:.3em 0;max-width:100%;height:auto}"
    ".lx-heat strong{font-weight:600;margin-right:2ch}"
    ".lx-heat mark{background:none;color:color-mix(in oklab,currentColor 35%,#f03)}"
    ".lx-heat small{color:color-mix(in srgb,currentColor 66%,transparent)}"
)


def heatmap(array, *, title: str = "", axes: tuple[int, int] | None = None) -> View:
    """A `View` of an array's numbers as colours: blue above zero, orange below, green where one is
    NaN or Inf; in a terminal as shades, the larger the darker.

    Two axes are a picture, further ones number pictures: with `axes=(1, 2)` those are the images of
    a batch (batch, height, width, channels). Without `axes` they are the last two, or the first two
    of a convolution's kernel. What is too large is averaged, and says so.

    >>> heatmap(jnp.array([[0.0, 1.0], [2.0, 3.0]]), title="weights")
    weights  f32[2,2] from 0 to 3
    ░░▒▒
    ▓▓██
    """
    # matplotlib is imported when there is a picture
    from luxnb.display.heat import fitting
    from luxnb.display.tiles import checked, tiles

    checked(array, axes)
    whole = statistics(array, exact=True)
    title, said = plain(title, 120), _said(whole)
    png, cells = fitting(array, axes)
    few = tiles(array, rows=ROWS, columns=COLUMNS, axes=axes)
    faults = f"✗ {bad}" if (bad := not_finite(whole)) else ""
    head = "  ".join(filter(None, (title, ", ".join((said, *few.notes)))))
    text = "\n".join(filter(None, (head, *_shaded(few), faults)))
    return View(text, _html(title, ", ".join((said, *cells.notes)), faults, png))


def _said(whole: Statistics) -> str:
    """What the picture is of, and its range."""
    spec = plain(short(whole)) + " magnitudes" * (whole.note == "magnitudes")
    if not whole.counts:
        return f"{spec} nothing finite"
    if whole.low == whole.high:
        return f"{spec} all {number(whole.low)}"
    return f"{spec} from {number(whole.low)} to {number(whole.high)}"


def _shaded(cells: Tiles):
    """A line for each row; `?` where a number is not finite."""
    low, high = cells.low / cells.unit, cells.high / cells.unit
    span = high - low if low < high else 1.0
    places = np.nan_to_num((cells.grid / cells.unit - low) / span)
    letters = np.array(list(SHADES))[np.minimum(places * len(SHADES), len(SHADES) - 1).astype(int)]
    letters[~cells.is_there] = " "
    letters[cells.is_bad] = "?"
    wide = 2 if 2 * cells.grid.shape[1] <= COLUMNS else 1  # a letter is twice as high as it is wide
    for row in letters:
        yield "".join(letter * wide for letter in row).rstrip()


def _html(title: str, said: str, faults: str, png: bytes) -> Html:
    width, _ = struct.unpack(">II", png[16:24])
    words = " ".join(filter(None, (f"Heat map of {title or said}:", said * bool(title), faults)))
    image = tag(
        "img",
        src=f"data:image/png;base64,{base64.b64encode(png).decode()}",
        width=str(width // 2),
        alt=words,
    )
    return tag(
        "figure",
        tag("style", Html(STYLE)),
        tag("strong", title) if title else "",
        tag("small", said),
        image,
        tag("mark", faults) if faults else "",
        class_="lx-heat",
    )
