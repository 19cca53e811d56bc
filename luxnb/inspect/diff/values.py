"""Two entries of a Tree side by side: whether they differ, and by how much.

Values are looked at only where both are there: of shapes, of tracers, and of arrays on devices of
other processes, shapes and dtypes are compared.
"""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from luxnb.core.spec import is_array, is_key
from luxnb.inspect.node import Frozen, Shared

CHUNK = 1 << 20  # elements that are looked at together


def difference(old, new) -> str | None:
    """None where both are the same, to the bit; else a few words, which may be none, on how."""
    words = list(_standing(old, new))
    old, new = _value(old), _value(new)
    are_arrays = is_array(old) and is_array(new)
    said = _of_arrays(old, new) if are_arrays else _of_pytrees(old, new)
    if said is None and not words:
        return None
    return ", ".join(filter(None, [said, *words]))


def _value(entry) -> Any:
    return entry.value if isinstance(entry, Frozen | Shared) else entry


def _standing(old, new) -> Iterator[str]:
    """Whether it is trained, and whether it is an array of its own."""
    if isinstance(old, Frozen) != isinstance(new, Frozen):
        yield "now frozen" if isinstance(new, Frozen) else "no longer frozen"
    if isinstance(old, Shared) and not isinstance(new, Shared):
        yield f"no longer shared with {old.path}"
    if isinstance(new, Shared) and not isinstance(old, Shared):
        yield f"now shared with {new.path}"


def _of_arrays(old, new) -> str | None:
    if old.shape != new.shape:
        return ""
    same_type = old.dtype == new.dtype
    if not (_is_there(old) and _is_there(new)):
        return None if same_type else ""
    if is_key(old) or is_key(new):
        if same_type and _same_bits(jax.random.key_data(old), jax.random.key_data(new)):
            return None
        return "another key"
    if same_type and _same_bits(old, new):
        return None
    return _amount(np.asarray(old), np.asarray(new))


def _of_pytrees(old, new) -> str | None:
    """Of tuples and the like: the first of their arrays that differ speaks for all."""
    if is_array(old) or is_array(new):
        return ""
    olds, news = jax.tree.flatten(old), jax.tree.flatten(new)
    if olds[1] != news[1]:
        return ""
    for a, b in zip(olds[0], news[0], strict=True):
        both = is_array(a) and is_array(b)
        said = _of_arrays(a, b) if both else None if _are_equal(a, b) else ""
        if said is not None:
            return said
    return None


def _are_equal(a, b) -> bool:
    try:
        return type(a) is type(b) and (a is b or bool(a == b) or bool(a != a and b != b))
    except Exception:  # whatever cannot say so is not
        return False


def _is_there(array) -> bool:
    """Whether its elements can be read, without waiting for anything but a computation."""
    if isinstance(array, np.ndarray | np.generic):
        return True
    if isinstance(array, Tracer) or not isinstance(array, jax.Array):
        return False
    return array.is_fully_addressable and not array.is_deleted()


def _same_bits(a, b) -> bool:
    pairs = _chunks(np.asarray(a), np.asarray(b))
    return all(x.tobytes() == y.tobytes() for x, y in pairs)


def _chunks(a: np.ndarray, b: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Both in pieces, so that there is never a second copy of a large array."""
    a, b = a.reshape(-1), b.reshape(-1)
    for start in range(0, a.size, CHUNK):
        yield a[start : start + CHUNK], b[start : start + CHUNK]


def _amount(old: np.ndarray, new: np.ndarray) -> str:
    """max |Δ| and ‖Δ‖ / ‖a‖ over all that is finite, and how many are not."""
    largest = delta = before = 0.0
    lost = 0
    for a, b in _chunks(old, new):
        a, b = _wide(a), _wide(b)
        fine = np.isfinite(a) & np.isfinite(b)
        lost += int(np.count_nonzero(~np.isfinite(b)))
        d, a = np.abs(b[fine] - a[fine]), np.abs(a[fine])
        largest = max(largest, float(d.max(initial=0)))
        delta, before = delta + float(np.sum(d * d)), before + float(np.sum(a * a))
    words = [f"max |Δ| {largest:.3g}"] if largest or not lost else []
    if delta and before:
        words.append(f"‖Δ‖/‖a‖ {np.sqrt(delta / before):.3g}")
    return ", ".join([*words, *([f"{lost:,} not finite"] if lost else [])])


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.complex128 if np.iscomplexobj(array) else np.float64)
