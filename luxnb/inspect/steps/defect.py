"""Numbers that are not finite: whether an array has any, how many, and where the first is."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import is_array, is_key


@dataclass(frozen=True)
class Defect:
    """What is not finite in an array."""

    size: int  # of the array
    nan: int
    infinite: int  # +Inf
    negative_infinite: int  # −Inf
    first: tuple[int, ...]  # the index of the first of these

    def __str__(self):
        """`3 NaN, 1 Inf among 40 values, the first at [0, 2]`; of a scalar, `NaN`."""
        named = (("NaN", self.nan), ("Inf", self.infinite), ("-Inf", self.negative_infinite))
        if not self.first:
            return next(name for name, number in named if number)
        counts = ", ".join(f"{number:,} {name}" for name, number in named if number)
        return f"{counts} among {self.size:,} values, the first at {list(self.first)}"


def is_numeric(value) -> bool:
    """Whether there are numbers in it: an array, but not of random keys, or a number."""
    return isinstance(value, int | float | complex) or (is_array(value) and not is_key(value))


def extent(value) -> tuple[float, float] | None:
    """The least and the greatest number in an array, of complex ones the magnitudes; NaN where any
    is NaN, None where there is none."""
    values = _values(value)
    return (float(values.min()), float(values.max())) if values.size else None


def defect(value, *, only_nan: bool = False) -> Defect | None:
    """What is not finite in an array; None if all is. With `only_nan`, infinity is a number."""
    values = _values(value)
    if values.dtype.kind != "f":
        return None
    bad = np.isnan(values) if only_nan else ~np.isfinite(values)
    if not bad.any():
        return None
    first = tuple(map(int, np.unravel_index(bad.argmax(), bad.shape)))
    found = values[bad]
    infinite, negative = int(np.isposinf(found).sum()), int(np.isneginf(found).sum())
    nan = found.size - infinite - negative
    return Defect(values.size, nan, infinite, negative, first)


def _values(value) -> np.ndarray:
    """The array with a dtype that NumPy itself knows, which bfloat16 is not."""
    array = np.asarray(value)
    if array.dtype.kind == "c":
        return np.abs(array.astype(np.complex128))  # in which a magnitude hardly overflows
    is_small = array.dtype.kind not in "fiub" and jnp.issubdtype(array.dtype, jnp.floating)
    return array.astype(np.float32) if is_small else array
