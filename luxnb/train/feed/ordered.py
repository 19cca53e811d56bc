"""Ordered: data as batches in the order in which they are, to be gone through again and again."""

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from luxnb.core.spec import short, specs
from luxnb.train.feed.choose import is_stream
from luxnb.train.feed.data import as_numpy, check_finite, check_rows, rows_of
from luxnb.train.feed.hosted import Hosted, OnHost
from luxnb.train.feed.origin import Origin
from luxnb.train.feed.resident import Resident
from luxnb.train.feed.stream import Stream

BATCH_SIZE = 1024
PIECE = 2**16  # rows that are looked at together: a mask of all would take its memory


@dataclasses.dataclass(frozen=True, eq=False)
class Ordered:
    """Rows of arrays, `batch_size` at a time with the rest at the end; or batches as they come.

    What is in NumPy goes to the device a batch at a time; arrays of the device stay there.
    """

    begin: Callable[[], Iterator]
    shapes: tuple  # of batches: of the first, and of the last where it is known to be smaller
    rows: Any = None  # the arrays, if they are not batches as they come
    repeatable: bool = True

    @classmethod
    def of(cls, data: Any, batch_size: int = BATCH_SIZE) -> "Ordered":
        """What `fit` takes as data, in order."""
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size must be a positive integer, got {batch_size!r}")
        if is_stream(data):
            return cls._of_batches(data)
        data = data.data if isinstance(data, Resident | Hosted | OnHost) else data
        check_rows(data)
        data = jax.tree.map(_as_array, data)
        rows = rows_of(data)
        sizes = {min(batch_size, rows), rows % batch_size or batch_size}
        shapes = [jax.tree.map(partial(_shape, n), data) for n in sorted(sizes, reverse=True)]
        return cls(partial(_cut, data, batch_size), tuple(shapes), data)

    @classmethod
    def _of_batches(cls, data: Any) -> "Ordered":
        origin = data.origin if isinstance(data, Stream) else Origin.of(data)
        if isinstance(data, Stream) and not origin.passes:
            raise ValueError(
                f"the data are an iterator ({origin.title}) that belongs to a training: give a "
                "function that makes it, as lambda: batches()"
            )
        iterator = origin.begin(0)
        first = next(iterator, None)
        if first is None:
            raise ValueError(f"there is no batch in the data, which are {origin.title}")
        first = _as_arrays(first, 1)
        if origin.passes:
            return cls(lambda: _in_turn(origin.begin(0)), (specs(first),))
        return cls(lambda: _in_turn(iterator, first), (specs(first),), repeatable=False)

    def checked(self) -> "Ordered":
        """The same, seen to be finite: rows here and now, batches in their turn."""
        if self.rows is None:
            return dataclasses.replace(self, begin=lambda: _finite(self.begin()))
        for path, leaf in jax.tree_util.tree_leaves_with_path(self.rows):
            for start in range(0, leaf.shape[0], PIECE):
                name, piece = jax.tree_util.keystr(path), leaf[start : start + PIECE]
                check_finite(f"data{name}", piece, first=start)
        return self

    def __iter__(self) -> Iterator[Any]:
        return self.begin()

    def __repr__(self):
        return short(self.shapes[0] if self.rows is None else self.rows)


def rows_in(batch: Any) -> int:
    """How many rows a batch counts for: those of its first array, or one."""
    shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves(batch)]
    return next((shape[0] for shape in shapes if shape), 1)


# -- rows ----------------------------------------------------------------------------------------


def _cut(data: Any, size: int) -> Iterator[Any]:
    rows = rows_of(data)
    for start in range(0, rows, size):
        yield jax.tree.map(partial(_part, start=start, size=min(size, rows - start)), data)


def _part(array: Any, start: int, size: int) -> Any:
    if isinstance(array, jax.Array):
        return _part_on_device(array, start, size)
    return array[start : start + size]


@partial(jax.jit, static_argnums=2)
def _part_on_device(array, start, size):
    return lax.dynamic_slice_in_dim(array, start, size)


def _shape(rows: int, array: Any) -> jax.ShapeDtypeStruct:
    dtype = jax.dtypes.canonicalize_dtype(array.dtype)
    return jax.ShapeDtypeStruct((rows, *array.shape[1:]), dtype)


# -- batches -------------------------------------------------------------------------------------


def _in_turn(iterator: Iterator, *first: Any) -> Iterator[Any]:
    yield from first
    for number, batch in enumerate(iterator, 1 + len(first)):
        yield _as_arrays(batch, number)


def _as_arrays(batch: Any, number: int) -> Any:
    def convert(path, leaf):
        name = f"data{jax.tree_util.keystr(path)} of batch {number:,}"
        try:
            array = _as_array(leaf)
        except Exception as error:
            raise TypeError(f"{name} must be an array, got {short(leaf)}: {error}") from None
        if not isinstance(array, jax.Array) and array.dtype.kind in "OSUMm":
            raise TypeError(f"{name} must be an array of numbers, got {short(leaf)}")
        return array

    return jax.tree_util.tree_map_with_path(convert, batch)


def _as_array(leaf: Any) -> Any:
    return leaf if isinstance(leaf, jax.Array) else as_numpy(leaf)


def _finite(batches: Iterator) -> Iterator[Any]:
    for number, batch in enumerate(batches, 1):
        for path, leaf in jax.tree_util.tree_leaves_with_path(batch):
            if not isinstance(leaf, jax.Array):  # to look at one would be to wait for the device
                check_finite(f"data{jax.tree_util.keystr(path)} of batch {number:,}", leaf)
        yield batch
