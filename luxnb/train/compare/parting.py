"""Where two runs part: the first step at which a metric differs, and the first arrays that do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from luxnb.train.checkpoint.names import named
from luxnb.train.compare.fingerprint import numbers_of
from luxnb.train.measure.history import History

Leaves = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class LeafDifference:
    """A leaf of which some bits differ, and by how much its values do at most."""

    path: str
    largest: float  # NaN for a random key, whose numbers have no size

    @property
    def amount(self) -> str:
        return "" if np.isnan(self.largest) else f" by up to {self.largest:.3g}"


class Parting(NamedTuple):
    """The first step after which arrays of two runs differ, and these, the largest first."""

    step: int
    leaves: tuple[LeafDifference, ...]


class MetricParting(NamedTuple):
    """The first step at which a metric of two runs differs in a bit, and both values."""

    step: int
    metric: str
    values: tuple[float, float]


def leaves_by_name(ts: Any) -> dict[str, np.ndarray]:
    """Every leaf of a TrainState, as the names of a checkpoint say; of a random key its numbers."""
    return {name: numbers_of(leaf) for name, leaf in named(ts).items()}


def differing_leaves(left: Leaves, right: Leaves) -> tuple[LeafDifference, ...]:
    """Those that differ in a bit, in their order."""
    return tuple(
        LeafDifference(path, _largest(left.get(path), right.get(path)))
        for path in {**left, **right}
        if not _same_bits(left.get(path), right.get(path))
    )


def first_metric(left: History, right: History) -> MetricParting | None:
    """Where the histories part, over the steps and metrics that both have."""
    _, a, b = np.intersect1d(left.steps, right.steps, return_indices=True)
    first = None
    for name in left.names:
        if name not in right.names:
            continue
        one, other = left[name][a], right[name][b]
        differing = np.flatnonzero(one.view(np.uint32) != other.view(np.uint32))
        if differing.size and (first is None or left.steps[a[differing[0]]] < first.step):
            row = int(differing[0])
            values = float(one[row]), float(other[row])
            first = MetricParting(int(left.steps[a[row]]), name, values)
    return first


def first_leaves(
    at: Callable[[int], Any], other_at: Callable[[int], Any], first: int, known: int
) -> Parting | None:
    """The first step after which arrays differ, between `first` and `known`, at which they do.

    A difference in the parameters is seen in the loss of the next step: so it is looked for from
    the end, in strides that double, and then by bisection.
    """

    def differing(step: int) -> tuple[LeafDifference, ...]:
        return differing_leaves(*(leaves_by_name(get(step)) for get in (at, other_at)))

    found, same, stride = differing(known), first - 1, 1
    if not found:
        return None
    while known > first:
        step = max(first, known - stride)
        earlier = differing(step)
        if not earlier:
            same = step
            break
        known, found, stride = step, earlier, 2 * stride
    while known - same > 1:
        step = (same + known) // 2
        if earlier := differing(step):
            known, found = step, earlier
        else:
            same = step
    return Parting(known, tuple(sorted(found, key=_size, reverse=True)))


def _size(difference: LeafDifference) -> float:
    return -1.0 if np.isnan(difference.largest) else difference.largest


def _same_bits(a, b) -> bool:
    if a is None or b is None or a.dtype != b.dtype or a.shape != b.shape:
        return False
    return a.tobytes() == b.tobytes()


def _largest(a, b) -> float:
    if a is None or b is None or a.shape != b.shape:
        return float("inf")
    if a.dtype == np.uint32:
        return float("nan")
    with np.errstate(invalid="ignore"):  # inf - inf
        return float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64))))
