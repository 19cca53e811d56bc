"""What `debug` tells of a running model, piece by piece; each piece is a line, or two, to see."""

from dataclasses import dataclass
from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.view import Viewable
from luxnb.inspect.statistics import Statistics
from luxnb.inspect.steps.defect import Defect


@dataclass(frozen=True, eq=False)
class Heading(Viewable):
    """A pass begins, "forward" or "backward", with columns of numbers."""

    way: str


@dataclass(frozen=True, eq=False)
class Remark(Viewable):
    """A sentence between the lines."""

    text: str
    depth: int = 0


@dataclass(frozen=True, eq=False)
class Opening(Viewable):
    """A layer begins."""

    name: str
    layer: Layer
    depth: int
    turn: int = 1  # of a loop


@dataclass(frozen=True, eq=False)
class Holding(Viewable):
    """An array that is given or returned: `y`, `x['mask']`, `∂x`, and what its numbers are like."""

    name: str
    shape: Any  # anything with a shape and a dtype
    depth: int
    statistics: Statistics | None = None
    defect: Defect | None = None
    is_same: bool = False  # as the array above
    seconds: float | None = None  # that the layer took
