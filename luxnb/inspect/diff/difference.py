"""Difference: what was added, removed and changed from one thing to another."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from luxnb.core.view import Viewable
from luxnb.inspect.diff.merge import Change
from luxnb.inspect.node import Node

_PLURAL = {"layer": "layers", "entry": "entries"}


@dataclass(frozen=True, eq=False, repr=False)
class Difference(Viewable):
    """What `diff` found; true when there is something, false when both are the same.

    As the last line of a cell it is one tree in which what was added, removed and changed is
    marked +, − and ~, and what is as it was is folded.

    - `changes`: all that differs, as a flat tuple of `Change(path, mark, what)`.
    - `root`: the Nodes of both in one tree, marked.
    - `counts`: numbers of parameters before and after, of elements in a Tree.
    - `operations`: floating-point operations before and after, if an input was given.

    >>> found = diff(Dense(2, 3), Dense(2, 4), (8, 2))
    >>> bool(found), found.parameters, found.flops
    (True, 3, 40)
    >>> found.changes[0]
    Change(path='', mark='~', what='out_dims 3 → 4')
    """

    root: Node
    changes: tuple[Change, ...]
    counts: tuple[int, int]
    operations: tuple[int, int] | None = None
    happened: Counter[tuple[str, str]] = field(default_factory=Counter)  # ("layer", "added"): 2

    @property
    def identical(self) -> bool:
        """Whether nothing differs: of arrays that are there, not a bit."""
        return not self.changes

    @property
    def parameters(self) -> int:
        """How many parameters there are more, or less."""
        return self.counts[1] - self.counts[0]

    @property
    def flops(self) -> int | None:
        """How many floating-point operations there are more, or less, if an input was given."""
        return None if self.operations is None else self.operations[1] - self.operations[0]

    @property
    def summary(self) -> str:
        """`2 layers changed, 1 added`."""
        return ", ".join(self._said()) or "identical"

    def __bool__(self):
        return not self.identical

    def __repr__(self):
        what = "element" if self.root.layer is None else "parameter"
        said = f"{self.summary}: {_amount(self.counts, what)}"
        if self.operations is not None:
            said += f"; {_amount(self.operations, 'operation')}"
        return said

    def _said(self) -> Iterator[str]:
        for what, plural in _PLURAL.items():
            noun = True  # said once: 2 layers changed, 1 added
            for done in ("changed", "added", "removed", "moved"):
                if number := self.happened[what, done]:
                    name = f" {what if number == 1 else plural}" if noun else ""
                    yield f"{number:,}{name} {done}"
                    noun = False


def _amount(numbers: tuple[int, int], what: str) -> str:
    before, after = numbers
    said = f"{after:,} {what}{'s' * (after != 1)}"
    return (
        said if before == after else f"{before:,} → {said} ({after - before:+,})".replace("-", "−")
    )
