"""Comparison: whether two runs are identical to the bit, and if not, where they part."""

from dataclasses import dataclass

import numpy as np

from luxnb.core.view import Viewable
from luxnb.train.fingerprint import leaves_of
from luxnb.train.run import Run


@dataclass(frozen=True)
class Difference:
    """A leaf of which some bits differ, and by how much its values do at most."""

    path: str
    largest: float  # NaN for a random key, whose numbers have no size

    @property
    def amount(self) -> str:
        return "" if np.isnan(self.largest) else f" by up to {self.largest:.3g}"


@dataclass(frozen=True)
class Comparison(Viewable):
    """What `compare` found; true when the runs are identical.

    `step` is the first at which a metric differs (None when none does), `metric` its name and
    `values` the two; `leaves` are those of the final TrainStates that differ.
    """

    steps: tuple[int, int]
    arrays: int
    step: int | None
    metric: str
    values: tuple[float, float]
    leaves: tuple[Difference, ...]
    fingerprints: tuple[str, str]

    @property
    def identical(self) -> bool:
        return self.fingerprints[0] == self.fingerprints[1]

    def __bool__(self):
        return self.identical

    def __repr__(self):
        if self.identical:
            return (
                f"identical to the bit: {self.steps[0]:,} steps of history and {self.arrays} "
                f"arrays of parameters, state and optimiser state ({self.fingerprints[0][:12]})"
            )
        lines = []
        if self.step is None:
            lines.append(f"identical for the {min(self.steps):,} steps that both have")
        else:
            a, b = self.values
            lines.append(f"the runs part at step {self.step:,}: {self.metric} {a!r} against {b!r}")
        if self.steps[0] != self.steps[1]:
            lines.append(f"one has {self.steps[0]:,} steps, the other {self.steps[1]:,}")
        lines += [f"  {d.path} differs{d.amount}" for d in self.leaves[:8]]
        if len(self.leaves) > 8:
            lines.append(f"  … and {len(self.leaves) - 8} more of {self.arrays} arrays")
        return "\n".join(lines)


def compare(a: Run, b: Run) -> Comparison:
    """Whether two runs are identical to the bit: history, parameters, state, optimiser state.

    If not: the first step at which a metric differs, and the arrays that do at the end.

    >>> x = jnp.ones((32, 1))
    >>> run = fit(Dense(1, 1), (x, x), loss=losses.mse, optimizer=optax.sgd(0.1), steps=3)
    >>> bool(compare(run, run.rerun()))
    True
    """
    left, right = leaves_of(a.ts), leaves_of(b.ts)
    step, metric, values = _parting(a, b)
    leaves = [
        Difference(path, _largest(left.get(path), right.get(path)))
        for path in {**left, **right}
        if not _same_bits(left.get(path), right.get(path))
    ]
    return Comparison(
        steps=(a.step, b.step),
        arrays=len(left),
        step=step,
        metric=metric,
        values=values,
        leaves=tuple(leaves),
        fingerprints=(a.fingerprint, b.fingerprint),
    )


def _parting(a: Run, b: Run):
    """The first step at which a common metric differs in a bit, that metric, and both values."""
    first = None, "", (0.0, 0.0)
    for name in a.history.names:
        if name not in b.history.names:
            continue
        n = min(a.step, b.step)
        one, other = a.history[name][:n], b.history[name][:n]
        differing = np.flatnonzero(one.view(np.uint32) != other.view(np.uint32))
        if differing.size and (first[0] is None or differing[0] + 1 < first[0]):
            at = int(differing[0])
            first = at + 1, name, (float(one[at]), float(other[at]))
    return first


def _same_bits(a, b) -> bool:
    if a is None or b is None or a.dtype != b.dtype or a.shape != b.shape:
        return False
    return a.tobytes() == b.tobytes()


def _largest(a, b) -> float:
    if a is None or b is None or a.shape != b.shape:
        return float("inf")
    if a.dtype == np.uint32:
        return float("nan")
    return float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64))))
