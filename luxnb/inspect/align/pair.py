"""Pair: a place in one tree beside the same place in another, or alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from luxnb.inspect.node import Node


@dataclass(frozen=True, eq=False)
class Pair:
    """A place in `old` and the place in `new` that is the same, or one of them alone.

    A place that stands alone may have pairs below it: what was wrapped is found again inside.
    """

    old: Node | None
    new: Node | None
    children: tuple["Pair", ...] = ()

    @property
    def is_alone(self) -> bool:
        """Whether it and all below it is in one of the trees only."""
        return self.is_one_sided and all(child.is_alone for child in self.children)

    @property
    def is_one_sided(self) -> bool:
        """Whether it is in one of the trees only, whatever is below it."""
        return self.old is None or self.new is None

    @property
    def is_tree(self) -> bool:
        """Whether it is no layer, but a Tree that a layer holds."""
        return all(node is None or node.layer is None for node in (self.old, self.new))

    def __iter__(self) -> Iterator["Pair"]:
        """It and all below it, from above."""
        yield self
        for child in self.children:
            yield from child

    def mirrored(self) -> "Pair":
        """The same with old and new exchanged."""
        return Pair(self.new, self.old, tuple(child.mirrored() for child in self.children))


def alone(node: Node, is_old: bool) -> Pair:
    """A Node and all below it, removed or added."""
    below = tuple(alone(child, is_old) for child in node.children)
    return Pair(node, None, below) if is_old else Pair(None, node, below)
