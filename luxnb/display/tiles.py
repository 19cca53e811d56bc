"""From an array of any number of axes to one grid of numbers that can be looked at.

Two axes are a picture; further axes number pictures, which are laid out with gaps between them.
What is too large is averaged over blocks, what is too many is left out, and both are said.
"""

import math
from dataclasses import dataclass

import jax
import numpy as np

from luxnb.core.spec import is_array, short
from luxnb.inspect.statistics import statistics

LARGEST_KERNEL = 11
LONGEST_TABLE = 4  # times as many pictures one way as the other; more are laid out as a square
FEWEST = 8  # cells along a picture's side that are left when many pictures share the room


@dataclass(frozen=True, eq=False)
class Tiles:
    """A grid of numbers, and what was done to fit the array into it."""

    grid: np.ndarray  # float64, two axes; NaN where a number is not finite, or where is none
    is_there: np.ndarray  # where the grid is part of a picture
    is_gap: np.ndarray  # or lies between two
    low: float  # of the finite numbers in the grid; NaN if there are none
    high: float
    notes: tuple[str, ...]

    @property
    def is_bad(self) -> np.ndarray:
        """Which cells hold something that is not finite."""
        return np.isnan(self.grid) & self.is_there

    @property
    def unit(self) -> float:
        """The largest magnitude, or 1; divided by it, no difference of two numbers is too large."""
        return max(-self.low, self.high) if self.low or self.high else 1.0


def tiles(array, *, rows: int, columns: int, axes: tuple[int, int] | None = None) -> Tiles:
    """The array as a grid of at most so many rows and columns."""
    checked(array, axes)
    pictures, table = _pictures(_values(array), axes)
    number, *sides = pictures.shape
    is_table = max(table) <= LONGEST_TABLE * min(table)
    across = table[1] if is_table else _across(number, *sides)
    layout, room = (-(-number // across), across), (rows, columns)
    blocks = [_block(*of) for of in zip(sides, layout, room, strict=True)]
    if number > 1:  # small pictures keep their proportions, if they keep anything to see
        blocks = [min(max(blocks), -(-side // FEWEST)) for side in sides]
    cells = [-(-side // block) for side, block in zip(sides, blocks, strict=True)]
    fits = [max((r + 1) // (c + 1), 1) for c, r in zip(cells, room, strict=True)]
    down, wide = map(min, layout, fits)
    places = np.arange(down)[:, None] * (across if is_table else wide) + np.arange(wide)
    shown = pictures if places.size >= number else pictures[places[places < number]]
    return _tiles(_averaged(shown, blocks), places < number, (*_notes(blocks, len(shown), number),))


def _notes(blocks: list[int], shown: int, number: int):
    if blocks != [1, 1]:
        yield f"averaged {blocks[0]}×{blocks[1]}"
    if shown < number:
        yield f"{shown:,} of {number:,} pictures"


def checked(array, axes: tuple[int, int] | None) -> None:
    """Raise unless the array has numbers, all of them in this process, and these two axes."""
    if not is_array(array):
        raise TypeError(f"heatmap needs an array, got {short(array)}")
    found = statistics(array)
    if found.size and not found.looked_at:
        raise ValueError(f"heatmap needs numbers, and {short(array)} has none: {found.note}")
    if not found.size:
        raise ValueError(f"heatmap needs elements, and {short(array)} has none")
    if isinstance(array, jax.Array) and not array.is_fully_addressable:
        raise ValueError(f"heatmap needs all of {short(array)} in this process")
    if axes is not None:
        _both(axes, len(array.shape))


def _values(array) -> np.ndarray:
    """The array in this process's memory, real."""
    values = np.asarray(array)
    if values.dtype.kind == "c":
        return np.abs(values)
    # NumPy adds its own numbers up as float64 while it reads them; other formats become float32.
    return values if values.dtype.kind in "biuf" else values.astype(np.float32)


def _pictures(values: np.ndarray, axes) -> tuple[np.ndarray, tuple[int, ...]]:
    """Numbered pictures, (number, rows, columns), and by which axes they are numbered: two of them
    make a table."""
    if values.ndim < 2:
        return values.reshape(1, 1, -1), (1, 1)
    values = np.moveaxis(values, _axes(values.shape, axes), (-2, -1))
    numbers = values.shape[:-2]
    table = numbers if len(numbers) == 2 else (1, math.prod(numbers))
    return values.reshape(-1, *values.shape[-2:]), table


def _axes(shape: tuple[int, ...], axes) -> tuple[int, int]:
    """Those asked for; or the last two, the first two of a convolution's kernel, the two before
    the colours of images."""
    last = len(shape) - 1
    if axes is not None:
        return _both(axes, len(shape))
    if len(shape) == 4 and shape[0] == shape[1] and 1 < shape[0] <= LARGEST_KERNEL:
        return 0, 1
    if last >= 2 and shape[-1] <= 4 < min(shape[-3:-1]):
        return last - 2, last - 1
    return last - 1, last


def _both(axes, ndim: int) -> tuple[int, int]:
    try:
        rows, columns = (range(ndim)[axis] for axis in axes)
    except (TypeError, ValueError, IndexError):
        rows = columns = 0
    if rows == columns:
        raise ValueError(
            f"heatmap.axes must be two of the array's {ndim} axes, those of a picture's rows and "
            f"columns, such as (0, 1), got {axes!r}"
        )
    return rows, columns


def _across(number: int, height: int, width: int) -> int:
    """How many pictures in a row make all of them about square."""
    return min(number, max(1, round(math.sqrt(number * height / width))))


def _block(side: int, number: int, room: int) -> int:
    """How many elements a cell is the mean of, so that as many pictures fit as can."""
    cells = room if number == 1 else max(room // number - 1, FEWEST)
    return -(-side // cells)


def _averaged(pictures: np.ndarray, blocks: list[int]) -> np.ndarray:
    """The mean of each block; of one that holds a NaN or Inf, that."""
    with np.errstate(invalid="ignore", over="ignore"):
        for axis, block in enumerate(blocks, 1):
            starts = np.arange(0, pictures.shape[axis], block)
            sums = np.add.reduceat(pictures, starts, axis=axis, dtype=np.float64)
            sizes = np.diff([*starts, pictures.shape[axis]])
            pictures = sums / (sizes[:, None] if axis == 1 else sizes)
    return pictures


def _tiles(pictures: np.ndarray, is_used: np.ndarray, notes: tuple[str, ...]) -> Tiles:
    """All pictures side by side in the places that are used, with a cell between neighbours."""
    (down, across), (height, width) = is_used.shape, pictures.shape[1:]
    grid = np.full((down, across, height + 1, width + 1), np.nan)
    grid[is_used, :height, :width] = np.where(np.isfinite(pictures), pictures, np.nan)
    is_there = np.zeros_like(grid, dtype=bool)
    is_there[is_used, :height, :width] = True
    is_gap = ~is_there & is_used[..., None, None]

    def joined(cells):
        whole = cells.swapaxes(1, 2).reshape(down * (height + 1), across * (width + 1))
        return whole[:-1, :-1].copy()

    low, high = np.fmin.reduce(grid, None), np.fmax.reduce(grid, None)  # that pass over NaN
    return Tiles(joined(grid), joined(is_there), joined(is_gap), float(low), float(high), notes)
