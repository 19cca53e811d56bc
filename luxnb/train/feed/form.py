"""Form: the structure, shapes and types that all batches of a stream have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from luxnb.core.spec import is_array, short
from luxnb.train.feed.data import as_numpy, check_finite

MOST_BYTES, MOST_STEPS = 8 * 2**20, 1024  # of batches that are stacked and moved at once


@dataclass(frozen=True)
class Form:
    """What the arrays of a batch are like, and their names for messages, such as `data[0]`."""

    structure: Any
    names: tuple[str, ...]
    leaves: tuple[jax.ShapeDtypeStruct, ...]
    capacity: int  # how many batches are stacked and moved to the device at once, at most

    @classmethod
    def of(cls, batch: Any) -> "Form":
        """The form of this batch, of arrays or of their shapes."""
        paths, structure = jax.tree_util.tree_flatten_with_path(batch)
        names = tuple("data" + jax.tree_util.keystr(path) for path, _ in paths)
        if not names:
            raise ValueError(f"a batch must hold arrays, as (x, y) does, got {short(batch)}")
        leaves = tuple(_spec(name, leaf) for name, (_, leaf) in zip(names, paths, strict=True))
        size = sum(leaf.size * leaf.dtype.itemsize for leaf in leaves)
        capacity = max(1, min(MOST_STEPS, MOST_BYTES // max(1, size)))
        return cls(structure, names, leaves, capacity)

    @property
    def stacked(self) -> Any:
        """Shapes of a stack of batches."""
        n = self.capacity
        leaves = [jax.ShapeDtypeStruct((n, *leaf.shape), leaf.dtype) for leaf in self.leaves]
        return jax.tree.unflatten(self.structure, leaves)

    def check(self, batch: Any) -> list[np.ndarray]:
        """The arrays of a batch; ValueError says which is not like those of the first."""
        leaves, structure = jax.tree.flatten(batch)
        if structure != self.structure:
            first = short(jax.tree.unflatten(self.structure, self.leaves))
            raise ValueError(f"it is {short(batch)}, and the first batch was {first}")
        arrays = [as_numpy(leaf) for leaf in leaves]
        for name, array, spec in zip(self.names, arrays, self.leaves, strict=True):
            if array.shape != spec.shape or _dtype(array) != spec.dtype:
                alike = "drop_last=True where they are made, or pad them"
                if array.shape == spec.shape:
                    alike = f"array.astype({str(spec.dtype)!r}) where it is made"
                raise ValueError(
                    f"{name} is {short(array)}, and {short(spec)} in the first batch; all must "
                    f"be alike: {alike}"
                )
        self.check_finite(arrays)
        return arrays

    def check_finite(self, arrays: Sequence[np.ndarray]) -> None:
        """ValueError names the array that holds NaN or infinity."""
        with np.errstate(all="ignore"):
            for name, array in zip(self.names, arrays, strict=True):
                if not _seems_finite(array):
                    check_finite(name, array)

    def is_smaller(self, batch: Any) -> bool:
        """Whether the batch is like the others but for fewer rows, as the last of a pass may be."""
        leaves, structure = jax.tree.flatten(batch)
        if structure != self.structure or not all(map(is_array, leaves)):
            return False
        pairs = [(a.shape, b.shape) for a, b in zip(leaves, self.leaves, strict=True)]
        unlike = [(tuple(a), b) for a, b in pairs if a != b]
        return bool(unlike) and all(a and b and a[1:] == b[1:] and a[0] < b[0] for a, b in unlike)


def _seems_finite(array: np.ndarray) -> bool:
    """Quicker than to look at each element, and false at times for a sum that overflows."""
    kind = array.dtype.kind
    if kind in "fc":
        wide = np.float32 if array.itemsize == 2 else None
        return bool(np.isfinite(np.add.reduce(array, axis=None, dtype=wide)))
    return kind in "biu"  # the sums of other types are not to be relied on


def _spec(name: str, leaf) -> jax.ShapeDtypeStruct:
    if isinstance(leaf, jax.ShapeDtypeStruct):
        return jax.ShapeDtypeStruct(leaf.shape, _dtype(leaf))
    try:
        array = as_numpy(leaf)
    except Exception as error:
        raise TypeError(f"{name} of a batch must be an array, got {short(leaf)}: {error}") from None
    if array.dtype.kind not in "biufcV" or array.dtype.names:  # V: bfloat16 and its kin
        raise TypeError(f"{name} of a batch must be an array of numbers, got {short(leaf)}")
    return jax.ShapeDtypeStruct(array.shape, _dtype(array))


def _dtype(array) -> np.dtype:
    """Its type on the device, where 64 bits are mostly 32."""
    return jax.dtypes.canonicalize_dtype(array.dtype)
