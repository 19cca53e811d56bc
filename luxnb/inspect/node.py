"""Node: the one record of a place in a model. Every view starts from Nodes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from luxnb.core.layer import Layer
from luxnb.core.spec import short

Mark = Literal["", "+", "−", "~"]  # in a difference: added, removed, changed


@dataclass(frozen=True)
class Cost:
    """What a layer itself costs, without its children, in all its calls together."""

    flops: int = 0  # floating-point operations of the forward pass
    output_bytes: int = 0  # of what it returns; 0 where its children's outputs say it already
    backward_flops: int | None = None  # of the backward pass, where that was asked for
    kept_bytes: int | None = None  # made in the forward pass and kept for the backward pass


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
    given: Any = None  # a pytree of shapes: what it was given in its first call, if it was called
    output: Any = None  # and returned; or a `Noted`
    cost: Cost | None = None
    remarks: tuple[str, ...] = ()  # whatever else there is to say of it, each in a few words
    mark: Mark = ""
    before: "Node | None" = None  # in a difference: what stood here, where it is marked "~"

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


@dataclass(frozen=True, eq=False, repr=False)
class Frozen:
    """Stands in a Node for a parameter that lies in a state, so that nothing trains it."""

    value: Any

    def __repr__(self):
        return f"{short(self.value)} frozen"


@dataclass(frozen=True, eq=False, repr=False)
class Noted:
    """Stands in a Node for an array, or a pytree of them, of which more is said than its shape."""

    value: Any
    text: str = ""  # after the shape
    mark: Mark = ""
    before: Any = None  # in a difference: what stood here, where it is marked "~"

    def __repr__(self):
        return f"{self.mark}{short(self.value)} {self.text}".rstrip()
