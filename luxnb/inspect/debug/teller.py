"""Teller: of all that is seen of a model that runs step by step, tells what is worth a line."""

import time
from collections import defaultdict
from collections.abc import Callable

import jax
import numpy as np

from luxnb.core.errors import brief
from luxnb.core.spec import specs
from luxnb.inspect.debug.told import Heading, Holding, Opening, Remark
from luxnb.inspect.statistics import statistics
from luxnb.inspect.steps.defect import defect
from luxnb.inspect.steps.stepwise import Seen, Turn, place

TURNS = 3  # of a loop, that are told


class Teller:
    """Told of arrays in the order in which they are computed, it tells on, as text."""

    def __init__(self, only: str, nan: str | None, out: Callable, at: Callable | None):
        self._only, self._nan, self._out, self._at = only, nan, out, at
        self._way = ""  # the heading that was told last
        self._seen: set[tuple] = set()
        self._opened: set[tuple] = set()
        self._turns: defaultdict[tuple, list[tuple]] = defaultdict(list)  # told, of each loop
        self._group: tuple = ()  # whose arrays were told last, and
        self._above: list = []  # these arrays
        self._began: dict[tuple, float] = {}
        self._spent = 0.0  # seconds that were not the model's

    def told_parameter(self, name: str, value) -> None:
        """A parameter, before the call."""
        self._judge(f"parameter {name.removeprefix('.')}", "forward", value)

    def told_state(self, name: str, value) -> None:
        """An entry of the state, before the call."""
        self._judge(f"state {name.removeprefix('.')}", "forward", value)

    def told(self, seen: Seen) -> None:
        """One array of a layer, while the model waits; what that takes is not the model's time."""
        if seen.side in ("x", "y"):
            key = seen.turn.key, seen.name
            if key in self._seen:  # `checkpoint` computes it again for the way back
                return
            self._seen.add(key)
        jax.block_until_ready(seen.value)
        now = time.perf_counter()
        try:
            self._tell(seen, now - self._spent)
        finally:
            self._spent += time.perf_counter() - now

    def told_gradient(self, name: str, value) -> None:
        """The gradient by a parameter; they come when all layers are through."""
        name = name.removeprefix(".")
        if name.startswith(f"{self._only}." if self._only else ""):
            self._head("backward")
            if () not in self._opened:
                self._opened.add(())
                self._say(Remark("gradients by the parameters"))
            self._say(_holding(f"∂{name}", value, 1))
        self._judge(f"gradient by {name}", "backward", value)

    # -- what is worth a line ---------------------------------------------------------------------

    def _tell(self, seen: Seen, clock: float) -> None:
        turn, way = seen.turn, "backward" if seen.side.startswith("∂") else "forward"
        is_input = seen.side in ("x", "∂y")
        began = self._began.pop((turn.key, way), None)
        if is_input:
            self._began[turn.key, way] = clock
        if self._is_asked_for(turn) and (self._is_early(turn, way) or defect(seen.value)):
            self._head(way)
            self._open(turn, way)
            is_same = any(seen.value is value for value in self._above)
            if not (is_same and is_input):
                self._remember(seen)
                seconds = clock - began if began is not None and not is_input else None
                depth = self._depth(turn) + 1
                self._say(_holding(seen.name, seen.value, depth, is_same, seconds))
            if self._at is not None:
                self._at(turn.path, seen.name, seen.value)
        where = place(turn.path, turn.loops)
        what = f"{where}: {brief(turn.layer)}: {seen.name}" if where else seen.name
        self._judge(what, way, seen.value)

    def _judge(self, what: str, way: str, value) -> None:
        """Raise at what is not finite, where that is asked for."""
        found = defect(value) if self._nan in (way, "both") else None
        if found:
            raise ValueError(f"{what} {'has' if found.first else 'is'} {found}")

    def _is_asked_for(self, turn: Turn) -> bool:
        return f"{turn.path}.".startswith(f"{self._only}." if self._only else "")

    def _is_early(self, turn: Turn, way: str) -> bool:
        """Whether it is of the first few turns of its loop, and so are all around it."""
        if turn.above is None or not self._is_asked_for(turn):
            return True
        if not self._is_early(turn.above, way):
            return False
        told = self._turns[turn.above.key, turn.path, way]
        if turn.key not in told and len(told) <= TURNS:
            told.append(turn.key)
            if len(told) > TURNS:
                self._say(Remark(f"… more turns of {turn.name}", self._depth(turn)))
        return turn.key in told[:TURNS]

    # -- the lines --------------------------------------------------------------------------------

    def _head(self, way: str) -> None:
        if self._way != way:
            self._way = way
            self._say(Heading(way))

    def _open(self, turn: Turn, way: str) -> None:
        """The line of a layer, below those of the layers around it."""
        if (turn.key, way) in self._opened:
            return
        self._opened.add((turn.key, way))
        depth = self._depth(turn)
        if depth and turn.above is not None:
            self._open(turn.above, way)
        name = turn.name if depth else turn.path
        self._say(Opening(name, turn.layer, depth, turn.number))

    def _depth(self, turn: Turn) -> int:
        """How many of the layers around it are told, too."""
        above = turn.above
        return 0 if above is None or not self._is_asked_for(above) else self._depth(above) + 1

    def _remember(self, seen: Seen) -> None:
        """What the next input may be the same as: all that one layer returned."""
        group = seen.turn.key, seen.side
        self._above = [*self._above, seen.value] if group == self._group else [seen.value]
        self._group = group

    def _say(self, piece) -> None:
        self._out(str(piece))


def _holding(name: str, value, depth: int, is_same=False, seconds: float | None = None) -> Holding:
    array = np.asarray(value) if np.isscalar(value) else value
    numbers = None if is_same else statistics(array, exact=True)
    return Holding(name, specs(array), depth, numbers, defect(value), is_same, seconds)
