"""align: two trees of Nodes laid side by side, so that as little as possible differs.

An alignment keeps the order of children. In it, a place of one tree stands beside a place of the
other, or alone: removed, or added. A place that is added may stand around one that was there, as
a `WeightNorm` around a `Dense`; what is inside is then found again. Of all alignments this is one
of least cost, found by dynamic programming: T. Jiang, L. Wang, K. Zhang, Alignment of trees, an
alternative to tree edit, 1995; here with one place at most found again inside of another.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from luxnb.inspect.align.edit import Steps, edit
from luxnb.inspect.align.pair import Pair, alone
from luxnb.inspect.align.place import Numbers, Place
from luxnb.inspect.node import Node

# What an alignment costs, for each place:
ALONE = 8  # removed, or added
FIELDS = 3  # beside one of the same type with other fields
SHAPES = 5  # and with other arrays
TYPE = 13  # beside one of another type
RENAME = 4  # beside one whose name differs in more than its number

# Where more pairs of different layers than this have to be looked into, only neighbours are.
MOST_PAIRS, NEAR = 10_000, 4
_NEVER = 1 << 40


def align(old: Node, new: Node) -> Pair:
    """The alignment of least cost; `align(new, old)` is its mirror image."""
    numbers = Numbers()
    a, b = numbers.place(old), numbers.place(new)
    # Where several cost the same, it must not matter which tree comes first.
    if (b.size, repr(new.layer)) < (a.size, repr(old.layer)):
        return _Aligner().pair(b, a).mirrored()
    return _Aligner().pair(a, b)


def beside(xs: Collection[Place], ys: Collection[Place]) -> np.ndarray:
    """What each of xs costs beside each of ys, without what is below them."""

    def equal(name: str) -> np.ndarray:
        x, y = (np.array([getattr(p, name) for p in row], int) for row in (xs, ys))
        return x[:, None] == y

    other = np.where(equal("form"), FIELDS, SHAPES)
    return np.where(equal("own"), 0, np.where(equal("type"), other, TYPE))


Outer = Literal["", "x", "y"]


@dataclass(frozen=True)
class _Way:
    """The best way to lay x beside y: at one place, or one around a child of which is the other."""

    cost: int
    outer: Outer = ""
    child: int = 0


@dataclass
class _Aligner:
    """Knows the best way for each two kinds of places."""

    known: dict[tuple[int, int], _Way] = field(default_factory=dict)

    def pair(self, x: Place, y: Place) -> Pair:
        """The best alignment of two places with all below them."""
        way = self._way(x, y)
        if not way.outer:
            return Pair(x.node, y.node, tuple(self._pairs(x.children, y.children)))
        outer = x if way.outer == "x" else y
        pairs = [alone(child.node, is_old=outer is x) for child in outer.children]
        inner = outer.children[way.child]
        pairs[way.child] = self.pair(inner, y) if outer is x else self.pair(x, inner)
        return Pair(x.node if outer is x else None, y.node if outer is y else None, tuple(pairs))

    def _pairs(self, xs: tuple[Place, ...], ys: tuple[Place, ...]) -> Iterator[Pair]:
        for i, j in self._row(xs, ys)[1]:
            if i is not None and j is not None:
                yield self.pair(xs[i], ys[j])
            elif i is not None:
                yield alone(xs[i].node, is_old=True)
            elif j is not None:
                yield alone(ys[j].node, is_old=False)

    def _way(self, x: Place, y: Place) -> _Way:
        if x.kind == y.kind:
            return _Way(0)
        if (x.kind, y.kind) not in self.known:
            self.known[x.kind, y.kind] = self._best(x, y)
        return self.known[x.kind, y.kind]

    def _best(self, x: Place, y: Place) -> _Way:
        best = _Way(int(beside([x], [y])[0, 0]) + self._row(x.children, y.children)[0])
        for index, child in enumerate(x.children):
            best = self._better(best, x, child, y, "x", index)
        for index, child in enumerate(y.children):
            best = self._better(best, y, child, x, "y", index)
        return best

    def _better(
        self, best: _Way, around: Place, child: Place, other: Place, outer: Outer, index: int
    ) -> _Way:
        """The way with `around` around `other`, which is its child, if that costs less."""
        cost = ALONE * (around.size - child.size)
        if cost + ALONE * abs(other.size - child.size) >= best.cost:
            return best  # whatever the rest may cost
        cost += self._way(*((child, other) if outer == "x" else (other, child))).cost
        return _Way(cost, outer, index) if cost < best.cost else best

    def _row(self, xs: tuple[Place, ...], ys: tuple[Place, ...]) -> tuple[int, Steps]:
        """The cost of one row of children beside another, and which stands beside which."""
        most = min(len(xs), len(ys))
        start = end = 0  # how many are equal from the left, and from the right
        while start < most and _are_equal(xs[start], ys[start], by_name=True):
            start += 1
        while end < most - start and _are_equal(xs[-1 - end], ys[-1 - end], by_name=False):
            end += 1
        cost, steps = self._edit(xs[start : len(xs) - end], ys[start : len(ys) - end])
        middle = [(i if i is None else i + start, j if j is None else j + start) for i, j in steps]
        right = [(len(xs) - k, len(ys) - k) for k in range(end, 0, -1)]
        return cost, [*((i, i) for i in range(start)), *middle, *right]

    def _edit(self, xs: tuple[Place, ...], ys: tuple[Place, ...]) -> tuple[int, Steps]:
        """The same where nothing is known to be equal."""
        removing, adding = ([ALONE * place.size for place in row] for row in (xs, ys))
        costs = beside(xs, ys)
        pairs = len({x.kind for x in xs}) * len({y.kind for y in ys})
        far = max(len(xs), len(ys)) if pairs <= MOST_PAIRS else abs(len(xs) - len(ys)) + NEAR
        for i, x in enumerate(xs):
            for j, y in enumerate(ys):
                if x.children or y.children:
                    costs[i, j] = self._way(x, y).cost if abs(i - j) <= far else _NEVER
        x_stems, y_stems = (np.array([place.stem for place in row], int) for row in (xs, ys))
        return edit(costs + RENAME * (x_stems[:, None] != y_stems), removing, adding)


def _are_equal(x: Place, y: Place, by_name: bool) -> bool:
    """Whether it costs nothing to lay one beside the other; what is equal is then left so."""
    same = x.node.name == y.node.name if by_name else x.stem == y.stem
    return same and x.kind == y.kind
