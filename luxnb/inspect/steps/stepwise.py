"""A model run layer by layer, and in loops turn by turn, with all numbers in sight."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import jax

from luxnb.core.layer import Layer
from luxnb.core.probe import Probe, probe, probing
from luxnb.inspect.steps.look import look_into

# What a layer is given and returns; and, of the way back, the gradients by these.
Side = Literal["x", "y", "∂x", "∂y"]


@dataclass(eq=False)
class Turn:
    """One call of a layer that is carried out."""

    path: str
    layer: Layer
    above: "Turn | None"
    number: int = 0  # how many such calls the one above has made, with this; 0: not yet begun
    calls: Counter = field(default_factory=Counter)  # how often it has called what, by path

    def begin(self) -> None:
        """Count it, now that it is carried out and not merely asked for its shapes."""
        if not self.number:
            if self.above is not None:
                self.above.begin()
                self.above.calls[self.path] += 1
                self.number = self.above.calls[self.path]
            else:
                self.number = 1

    @property
    def key(self) -> tuple:
        """Path and number of itself and of all above it."""
        return (self.path, self.number, *(self.above.key if self.above else ()))

    @property
    def name(self) -> str:
        """The path from the layer above on; of the outermost layer, ""."""
        return self.path.removeprefix(self.above.path if self.above else "").removeprefix(".")

    @property
    def loops(self) -> tuple[tuple[str, int], ...]:
        """The path and the turn of itself and of all above it that were called more than once."""
        if self.above is None:
            return ()
        again = self.above.calls[self.path] > 1
        return ((self.path, self.number),) * again + self.above.loops


@dataclass(frozen=True, eq=False)
class Seen:
    """An array on its way: what a layer is given or returns, or a gradient by it."""

    turn: Turn
    side: Side
    leaf: str  # its place in a pytree: "['carry'].hidden", or "" where it is all
    value: Any

    @property
    def name(self) -> str:
        return self.side + self.leaf


def place(path: str, loops: tuple[tuple[str, int], ...]) -> str:
    """`at layer_2.cell in turn 17`; nothing for the model itself."""
    turns = [f"{loop} in turn {n}" for loop, n in loops if loop != path]
    own = [f" in turn {n}" for loop, n in loops if loop == path]
    return ", ".join([f"at {path}{''.join(own)}", *turns]) if path else ""


@contextlib.contextmanager
def stepwise(told: Callable[[Seen], None]) -> Iterator[None]:
    """While this lasts, nothing is compiled, and `told` sees what goes into layers and comes out.

    It is told in the order in which arrays are computed. A backward pass tells the gradients, also
    when it comes later.
    """
    with jax.disable_jit(), probing(_Stepper(told)):
        yield


class _Stepper(Probe):
    def __init__(self, told):
        self._told = told
        self._running: list[Turn] = []

    def enter(self, path, layer, x):
        # Whoever failed, and was caught by a layer above, has never left.
        while self._running and not _is_below(path, self._running[-1].path):
            self._running.pop()
        self._running.append(Turn(path, layer, self._running[-1] if self._running else None))
        return self._shown(self._running[-1], x, "x", "∂x")

    def leave(self, path, layer, y):
        while self._running[-1].path != path:
            self._running.pop()
        return self._shown(self._running.pop(), y, "y", "∂y")

    def _shown(self, turn: Turn, tree, side: Side, back: Side):
        def show(place, value):
            turn.begin()
            self._current()._told(Seen(turn, side, place, value))

        def show_cotangent(place, value):
            self._current()._told(Seen(turn, back, place, value))

        return look_into(tree, show, show_cotangent)

    def _current(self) -> "_Stepper":
        """Whoever looks now: what was traced for another, JAX may take from its caches."""
        now = probe()
        return now if isinstance(now, _Stepper) else self


def _is_below(path: str, above: str) -> bool:
    return path.startswith(f"{above}.") if above else path != ""
