"""Watch: waits for the first array that is not finite, of all that go into layers and come out."""

from dataclasses import dataclass

from luxnb.inspect.steps.defect import Defect, defect, extent
from luxnb.inspect.steps.stepwise import Seen, Side, Turn


@dataclass(frozen=True, eq=False)
class First:
    """The first array that is not finite."""

    seen: Seen
    defect: Defect
    moment: int  # how many paths the Watch had met by then


class Watch:
    """Told of arrays in the order in which they are computed, in one pass, forward or backward."""

    def __init__(self, into: Side, out_of: Side, only_nan: bool):
        self.first: First | None = None
        self.last: dict[str, Turn] = {}  # the last turn at each path
        self.order: dict[str, int] = {}  # which path was met first, second, …
        self.tainted: set[str] = set()  # what was given something that is not finite
        self._into, self._out_of, self._only_nan = into, out_of, only_nan
        self._ranges: dict[Turn, tuple[float, float]] = {}

    def told(self, seen: Seen) -> None:
        """Look at one array."""
        if seen.side not in (self._into, self._out_of):
            return  # `checkpoint` goes forward again on the way back
        path, found = seen.turn.path, defect(seen.value, only_nan=self._only_nan)
        if seen.side == self._into:
            self.order.setdefault(path, len(self.order))
            self.last[path] = seen.turn
            self._widen(seen)
            if found:
                self.tainted.add(path)
        if found and self.first is None:
            self.first = First(seen, found, len(self.order))

    def maker(self, first: First) -> Turn | None:
        """Who made the first numbers that are not finite: the layer that returned them, or the one
        above the layer that was given them."""
        turn = first.seen.turn
        return turn.above if first.seen.side == self._into else turn

    def range_of(self, turn: Turn | None) -> str:
        """`values in [-3.1e+38, 2]`, of all that a layer was given; "" where that is not known."""
        if turn is None or turn not in self._ranges:
            return ""
        return "values in [{:.3g}, {:.3g}]".format(*self._ranges[turn])

    def _widen(self, seen: Seen) -> None:
        here = extent(seen.value)
        if here is not None:
            low, high = self._ranges.get(seen.turn, here)
            self._ranges[seen.turn] = min(low, here[0]), max(high, here[1])
