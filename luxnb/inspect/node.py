"""Node: the one record of a place in a model. Every view starts from Nodes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from luxnb.core.layer import Layer


@dataclass(frozen=True, eq=False, repr=False)
class Node:
    """A place in a model, or in a Tree, with what belongs to it alone and the places below it."""

    path: str  # dotted, from the root, which has ""
    name: str
    layer: Layer | None = None  # None: a plain Tree, or a group that `fold` made
    params: Mapping[str, Any] = field(default_factory=dict)  # its own, never a child's
    state: Mapping[str, Any] = field(default_factory=dict)
    children: tuple["Node", ...] = ()
    faults: tuple[str, ...] = ()  # how what is there differs from what the layer declares
    repeat: int = 1  # how many equal neighbours this Node stands for: itself and those after it
    last: str = ""  # the name of the last of them, where there are several

    def __repr__(self):
        what = "Tree" if self.layer is None else type(self.layer).__name__
        return f"Node({self.path!r}, {what}, {len(self.children)} children)"


@dataclass(frozen=True, eq=False, repr=False)
class Shared:
    """Stands in a Node for an array that was already met, at `path`; it is counted there."""

    path: str
    value: Any

    def __repr__(self):
        return f"shared with {self.path}"
