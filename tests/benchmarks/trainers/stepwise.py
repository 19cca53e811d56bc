"""A loop of single steps over batches that lie ready."""

from collections.abc import Callable
from typing import Any


class Stepwise:
    """Calls `carry, loss = step(carry, batch)` as often as asked, and waits for the last loss."""

    def __init__(self, step: Callable, carry: Any, batches: list, wait: Callable):
        self._step, self._carry, self._batches, self._wait = step, carry, batches, wait
        self._taken = 0

    def __call__(self, steps: int) -> float:
        """The last loss."""
        carry, loss, batches = self._carry, None, self._batches
        for i in range(self._taken, self._taken + steps):
            carry, loss = self._step(carry, batches[i % len(batches)])
        self._carry, self._taken = carry, self._taken + steps
        return float(self._wait(loss))
