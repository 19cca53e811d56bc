"""Comparison: what `compare` found between two runs, or between one and several others."""

from dataclasses import dataclass
from typing import Any

from luxnb.core.view import Viewable
from luxnb.train.compare.parting import LeafDifference, Parting
from luxnb.train.recipe.difference import Differing

MOST = 8  # arrays and differences that are named


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Viewable):
    """What `compare` found; true when the runs are identical.

    - `step`: the first at which a metric differs (None when none does), `metric` its name and
      `values` the two;
    - `parted`: the first step after which arrays differ, and which, the largest difference first;
      None when it cannot be known, `unknown` says why;
    - `leaves`: those of the final TrainStates that differ;
    - `differences` of the recipes: path, left, right;
    - `curves`: of both, (steps, values) by metric.
    """

    identical: bool
    steps: tuple[int, int]
    arrays: int
    step: int | None
    metric: str
    values: tuple[float, float]
    leaves: tuple[LeafDifference, ...]
    fingerprints: tuple[str, str]
    parted: Parting | None
    unknown: str
    differences: tuple[Differing, ...]
    curves: tuple[dict[str, tuple[Any, Any]], dict[str, tuple[Any, Any]]]

    def __bool__(self):
        return self.identical

    @property
    def summary(self) -> str:
        """What was found, in a line."""
        if self.identical:
            arrays = f" and {self.arrays} arrays of parameters, state and optimiser state"
            said = f" ({self.fingerprints[0][:12]})" if self.fingerprints[0] else ""
            return (
                f"identical to the bit: {self.steps[0]:,} steps of history"
                f"{arrays if self.arrays else ''}{said}"
            )
        if self.step is None:
            return f"identical for the {min(self.steps):,} steps that both have"
        a, b = self.values
        return f"the runs part at step {self.step:,}: {self.metric} {a!r} against {b!r}"

    @property
    def details(self) -> list[str]:
        """What else there is to say, a line each."""
        lines = []
        if self.steps[0] != self.steps[1]:
            lines.append(f"one has {self.steps[0]:,} steps, the other {self.steps[1]:,}")
        if self.parted is not None:
            there = self.parted.step
            lines.append(f"the first arrays that differ, after step {there:,}:")
            lines += _cut([f"  {leaf.path}{leaf.amount}" for leaf in self.parted.leaves], 3)
        elif self.unknown:
            lines.append(f"which arrays differ first, nobody knows: {self.unknown}")
        if self.differences:
            lines.append("the recipes differ:" if not self.identical else "although these differ:")
            lines += _cut([f"  {each}" for each in self.differences], 3 * MOST)
        if self.leaves:
            lines.append("at the end:")
            lines += _cut([f"  {d.path} differs{d.amount}" for d in self.leaves], MOST, self.arrays)
        return lines

    def __repr__(self):
        return "\n".join([self.summary, *self.details])


@dataclass(frozen=True, eq=False, repr=False)
class Comparisons(Viewable):
    """Several runs, each compared with the first; true when all are identical."""

    others: tuple[Comparison, ...]

    def __bool__(self):
        return all(self.others)

    def __len__(self):
        return len(self.others)

    def __getitem__(self, index: int) -> Comparison:
        return self.others[index]

    @property
    def summary(self) -> str:
        """How many are identical to the first."""
        same = sum(map(bool, self.others))
        if same == len(self):
            return f"all {same + 1} are identical to the bit"
        which = f"{same or 'none'} {'is' if same == 1 else 'are'}"
        return f"of {len(self)} runs, {which} identical to the first"

    def __repr__(self):
        lines = [self.summary]
        for number, other in enumerate(self.others, 2):
            lines.append(f"1 and {number}: {other.summary}")
            lines += [f"  {line}" for line in other.details]
        return "\n".join(lines)


def _cut(lines: list[str], most: int, of: int = 0) -> list[str]:
    rest = len(lines) - most
    if rest <= 0:
        return lines
    return [*lines[:most], f"  … and {rest} more{f' of {of} arrays' if of else ''}"]
