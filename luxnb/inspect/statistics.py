"""What the numbers of an array are like: their mean, spread and range, how many are zero or not
finite, and how they are distributed. Large arrays are sampled."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import is_array, is_key, short
from luxnb.core.view import Viewable
from luxnb.inspect.sample import elements

BUCKETS = 24
CHUNK = 1 << 20  # elements that are float64 at the same time


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Statistics(Viewable):
    """What the numbers of an array are like, in numbers of Python; the array itself is not kept.

    Mean, standard deviation, range and histogram are those of the finite values, computed in
    float64; of complex numbers, those of the magnitudes. They are NaN where there is no such value.

    >>> found = stats(jnp.array([0.0, 1.0, 2.0, jnp.nan]))
    >>> found.mean, found.low, found.high, found.zeros, found.nans
    (1.0, 0.0, 2.0, 0.25, 1)
    """

    shape: tuple[int, ...]
    dtype: Any
    looked_at: int = 0  # elements, of `size` that there are
    mean: float = math.nan
    std: float = math.nan
    low: float = math.nan
    high: float = math.nan
    zeros: float = 0.0  # the share of what was looked at
    nans: int = 0
    infinities: int = 0
    counts: tuple[int, ...] = ()  # finite values in each of 24 equal buckets from `low` to `high`
    note: str = ""  # why there are no numbers, or what they are numbers of
    dead: float | None = None  # of a layer's output: the share of units that are zero for all of x
    saturated: float | None = None  # and of values at an end of the activation function's range

    @property
    def size(self) -> int:
        """How many elements the array has."""
        return math.prod(self.shape)

    @property
    def sampled(self) -> bool:
        """Whether only some of the elements were looked at."""
        return 0 < self.looked_at < self.size

    @property
    def edges(self) -> tuple[float, ...]:
        """Where the buckets begin, and where the last one ends."""
        if not self.counts:
            return ()
        return tuple(np.linspace(self.low, self.high, len(self.counts) + 1).tolist())

    def __repr__(self):
        return f"<Statistics of {short(self)}>"


def statistics(array, *, exact: bool = False) -> Statistics:
    """The `Statistics` of one array, from at most 65,536 of its elements unless they are to be
    `exact`. What has no numbers, a random key, a shape or a deleted array, says so in `note`."""
    if not is_array(array):
        raise TypeError(f"statistics needs an array, got {short(array)}")
    spec = {"shape": tuple(array.shape), "dtype": array.dtype}
    note = _no_numbers(array)
    if note:
        return Statistics(**spec, note=note)
    try:
        return measured(elements(array, exact), **spec)
    except RuntimeError:
        if not _is_deleted(array):
            raise
        return Statistics(**spec, note="deleted")  # by another thread, a moment ago


def measured(pieces: list[np.ndarray], *, shape: tuple[int, ...], dtype) -> Statistics:
    """The `Statistics` of an array of which these elements were looked at."""
    looked_at = sum(piece.size for piece in pieces)
    is_complex = jnp.issubdtype(dtype, np.complexfloating)
    spec = {"shape": shape, "dtype": dtype, "note": "magnitudes" if is_complex else ""}
    if not looked_at:
        return Statistics(**spec)
    with np.errstate(over="ignore"):  # squares of float64 may leave its range; so they do in NumPy
        glances = np.array([_glance(values) for values in _chunks(pieces)])
        nans, infinities, zeros, totals, lows, highs = glances.T
        spec |= {"nans": int(nans.sum()), "infinities": int(infinities.sum())}
        spec |= {"looked_at": looked_at, "zeros": float(zeros.sum() / looked_at)}
        finite = looked_at - spec["nans"] - spec["infinities"]
        if not finite:
            return Statistics(**spec)
        mean, low, high = totals.sum() / finite, lows.min(), highs.max()
        squares, counts = 0.0, np.zeros(BUCKETS, int)
        for values in map(_finite, _chunks(pieces)):
            squares += np.square(values - mean).sum()
            counts += _histogram(values, low, high)
    return Statistics(
        **spec,
        mean=float(mean),
        std=float(np.sqrt(squares / finite)),
        low=float(low),
        high=float(high),
        counts=tuple(counts.tolist()),
    )


def _glance(values: np.ndarray) -> tuple:
    """What one pass tells: how many are NaN, infinite, zero; sum, minimum, maximum of the rest."""
    finite = _finite(values)
    nans = np.isnan(values).sum()
    infinities = values.size - finite.size - nans
    low, high = finite.min(initial=np.inf), finite.max(initial=-np.inf)
    return nans, infinities, (values == 0).sum(), finite.sum(), low, high


def _histogram(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """How many values fall into each bucket; halves, because high - low may be too large."""
    span = high / 2 - low / 2
    places = (values / 2 - low / 2) / span if span else np.zeros_like(values)
    return np.histogram(places, BUCKETS, (0, 1))[0]


def _finite(values: np.ndarray) -> np.ndarray:
    are_finite = np.isfinite(values)
    return values if are_finite.all() else values[are_finite]


def _chunks(pieces) -> Iterator[np.ndarray]:
    """All elements as float64, few at a time."""
    for piece in pieces:
        for start in range(0, piece.size, CHUNK):
            chunk = piece[start : start + CHUNK]
            yield (np.abs(chunk) if chunk.dtype.kind == "c" else chunk).astype(np.float64)


def _no_numbers(array) -> str:
    """Why there is nothing to look at, if there is not."""
    if is_key(array):
        return "random key" + "s" * bool(array.shape)
    if _is_deleted(array):
        return "deleted"
    if isinstance(array, jax.core.Tracer) or not isinstance(
        array, jax.Array | np.ndarray | np.generic
    ):
        return "no values"
    is_number = jnp.issubdtype(array.dtype, np.number) or jnp.issubdtype(array.dtype, np.bool_)
    return "" if is_number else "no numbers"


def _is_deleted(array) -> bool:
    return (
        isinstance(array, jax.Array)
        and not isinstance(array, jax.core.Tracer)
        and array.is_deleted()
    )
