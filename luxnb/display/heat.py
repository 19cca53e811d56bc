"""The numbers of an array as a picture. Imports matplotlib, so import it where it is used.

Zero, or the lowest number, is the page itself, and what is farther from it covers more of the page;
so the same picture is right in light and in dark.
"""

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, ListedColormap, Normalize, to_rgb, to_rgba
from matplotlib.figure import Figure
from PIL import Image

from luxnb.display.brief import number
from luxnb.display.figure import BLUE, GREY
from luxnb.display.tiles import Tiles, tiles

MOST_BYTES = 30_000
SIDES = (256, 192, 128, 96, 64)  # cells: noise cannot be compressed, and is averaged more
PIXELS, LARGEST_CELL = 720, 48  # at twice the usual density
THINNEST, NARROWEST = 40, 360  # of a picture, and of the scale below it, which has numbers
BAR, LETTERS, GAP, MARGIN = 18, 32, 14, 2
DPI = 200

LEVELS = 33
ORANGE, GREEN = "#ea580c", "#65a30d"
BETWEEN = to_rgba(GREY, 0.5)


def _fading(*ends: str) -> Colormap:
    """From one colour to the other, by way of nothing; or from nothing to the only one. What is
    close to nothing covers more than its share, or it would not be seen."""
    steps = np.linspace(-1 if len(ends) == 2 else 0, 1, LEVELS)
    hues = (to_rgb(ends[0] if step < 0 else ends[-1]) for step in steps)
    colours = [(*hue, abs(step) ** 0.7) for hue, step in zip(hues, steps, strict=True)]
    return ListedColormap(colours).with_extremes(bad=GREEN)


SIGNED, POSITIVE, NEGATIVE = _fading(ORANGE, BLUE), _fading(BLUE), _fading(ORANGE).reversed()


def heat_png(array, *, axes: tuple[int, int] | None = None) -> bytes:
    """The array's numbers as colours with a scale below, as PNG bytes at twice the usual density;
    at most 30 kB. `axes` are as in `heatmap`.

    >>> picture = heat_png(np.eye(3))
    """
    return fitting(array, axes)[0]


def fitting(array, axes: tuple[int, int] | None) -> tuple[bytes, Tiles]:
    """The picture with the most cells that is small enough, and these cells."""
    grids = (tiles(array, rows=side, columns=side, axes=axes) for side in SIDES)
    pictures = ((_png(_drawn(cells)), cells) for cells in grids)
    return next(pair for pair in pictures if len(pair[0]) <= MOST_BYTES)  # the last always is


def _drawn(cells: Tiles) -> np.ndarray:
    """The cells, a whole number of pixels wide and high, and below them the scale, as RGBA."""
    rows, columns = cells.grid.shape
    cell = max(1, min(PIXELS // max(rows, columns), LARGEST_CELL))
    tall, wide = (max(cell, THINNEST * (1 + (n > 1)) // n) for n in (rows, columns))
    height, width, bar = rows * tall, columns * wide, max(columns * wide, NARROWEST)
    low, high = cells.low / cells.unit, cells.high / cells.unit
    colours, norm = _scale(low, high)
    shown = colours(norm(np.ma.masked_invalid(cells.grid / cells.unit)))
    shown[~cells.is_there] = 0
    shown[cells.is_gap] = BETWEEN
    page = _Page(bar + 2 * MARGIN, height + GAP + BAR + LETTERS + 2 * MARGIN)
    page.axes(MARGIN, height, width)
    if cells.low < cells.high:
        _label(page.axes(MARGIN + height + GAP, BAR, bar), low, high, cells.unit)
        scale = colours(norm(np.linspace(low, high, bar)))[None]
        page.put(scale.repeat(BAR, 0), MARGIN + height + GAP)
    else:
        said = "nothing finite" if np.isnan(cells.low) else f"all {number(cells.low)}"
        page.write(said, MARGIN + height + GAP + BAR)
    page.put(shown.repeat(tall, 0).repeat(wide, 1), MARGIN)
    return page.pixels()


def _scale(low: float, high: float) -> tuple[Colormap, Normalize]:
    if low < 0 < high:
        most = max(-low, high)
        return SIGNED, Normalize(-most, most)
    if low == high:  # nothing to tell apart: all of it is zero, or all of it is not
        low, high = min(low, 0), max(high, float(low == 0))
    return (POSITIVE if low >= 0 else NEGATIVE), Normalize(low, high)


def _label(bar: Axes, low: float, high: float, unit: float) -> None:
    """The lowest and the highest number below the scale, and zero where there is room."""
    bar.set_xlim(low, high)
    room = 0.2 * (high - low)
    marks = [low, *[0.0] * (low + room < 0 < high - room), high]
    bar.set_xticks(marks, [number(mark * unit) for mark in marks], color=GREY, fontsize=8)
    bar.tick_params(color=GREY, length=3, width=0.5, pad=2)
    first, *_, last = bar.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")


class _Page:
    """Grey lines and letters by matplotlib; and cells that are put between them, to the pixel."""

    def __init__(self, width: int, height: int):
        self.width, self.height = width, height
        self.figure = Figure((width / DPI, height / DPI), dpi=DPI, facecolor="none")
        self.canvas = FigureCanvasAgg(self.figure)
        self.cells: list[tuple[np.ndarray, int]] = []

    def axes(self, top: int, height: int, width: int) -> Axes:
        left, bottom = MARGIN / self.width, 1 - (top + height) / self.height
        place = (left, bottom, width / self.width, height / self.height)
        axes = self.figure.add_axes(place, facecolor="none", xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(color=GREY, linewidth=0.8)
        return axes

    def write(self, words: str, top: int) -> None:
        self.figure.text(MARGIN / self.width, 1 - top / self.height, words, color=GREY, fontsize=8)

    def put(self, cells: np.ndarray, top: int) -> None:
        self.cells.append((cells, top))

    def pixels(self) -> np.ndarray:
        self.canvas.draw()
        pixels = np.array(self.canvas.buffer_rgba())
        pixels[..., :3] = np.round(255 * np.array(to_rgb(GREY)))
        pixels[..., 3] = pixels[..., 3] // 17 * 17  # sixteen greys are smooth enough
        for cells, top in self.cells:
            height, width, _ = cells.shape
            pixels[top : top + height, MARGIN : MARGIN + width] = np.round(255 * cells)
        return pixels


def _png(pixels: np.ndarray) -> bytes:
    """With a palette, for a third of the bytes; there are few enough colours."""
    colours, places = np.unique(pixels.view(np.uint32), return_inverse=True)
    picture = Image.fromarray(places.reshape(pixels.shape[:2]).astype(np.uint8), "P")
    picture.putpalette(colours.view(np.uint8).tobytes(), "RGBA")
    file = io.BytesIO()
    picture.save(file, "png", optimize=True)
    return file.getvalue()
