"""Batches that come one after the other: generators, lists of batches, loaders."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import jax

from luxnb.core.spec import short
from luxnb.train.feed.origin import Origin
from luxnb.train.feed.passes import Passes
from luxnb.train.feed.prefetch import Prefetch
from luxnb.train.feed.source import Stacked


def stream(batches: Iterable | Callable) -> "Stream":
    """Train on batches as they come: `lx.fit(model, lx.stream(batches), …)`.

    `batches` is a list of batches, an iterator or generator, a function that makes one, or a
    loader, such as PyTorch's or grain's. A batch is any pytree of arrays; all have the shapes of
    the first, and a smaller last one of a pass is left out. At its end what can be gone through
    again begins anew, which is an epoch; an iterator ends the run. A function that wants one
    argument is given the number of the epoch, from 0 on, so that each can have an order of its own.

    A thread takes them ahead of time. What is wrong with a batch, and whatever the iterator raises,
    ends the run after the steps before, and `run.fit` goes on with the next batch. `fit` takes all
    of these as they are; `stream` is for lists of arrays, which it else takes for rows in memory.

    >>> def waves():
    ...     for phase in np.linspace(0, 1, 100):
    ...         x = np.linspace(0, 1, 16)[:, None]
    ...         yield x, np.sin(x + phase)
    >>> data = stream(waves)
    >>> data
    stream(waves) of (f32[16,1], f32[16,1])
    >>> run = fit(Dense(1, 1), data, loss=losses.mse, optimizer=optax.sgd(0.1), steps=150)
    >>> run.step
    150
    """
    return Stream(batches)


class Stream:
    """The Feed of batches that come one after the other."""

    data = None
    source = Stacked()

    def __init__(self, given: Any):
        self._origin = Origin.of(given)
        first = Passes(self._origin)
        self._form = first.look()
        self._begun: Passes | None = first
        self._lock = threading.Lock()

    @property
    def origin(self) -> Origin:
        """What the batches come from."""
        return self._origin

    @property
    def arrays(self) -> Any:
        return self._form.stacked

    @property
    def steps_per_epoch(self) -> int | None:
        return self._origin.length

    @property
    def rewindable(self) -> bool:
        return self._origin.rewindable

    def open(self, seed, step: int = 0, position: Any = None) -> Prefetch:
        with self._lock:
            passes, self._begun = self._begun, None
        if passes is None and not self._origin.passes:
            raise ValueError(
                f"the data are an iterator ({self._origin.title}) that was gone through already: "
                "give fit a function that makes it, as data=lambda: batches()"
            )
        if passes is None:
            passes = Passes(self._origin, self._form)
        if position is None and self._origin.passes and step:
            position = {"batches": step}
        if position:
            passes.go(position)
        return Prefetch(passes, self._form, step)

    def describe(self) -> dict:
        names, leaves = self._form.names, self._form.leaves
        return {
            "kind": "stream",
            "type": self._origin.title,
            "steps_per_epoch": self.steps_per_epoch,
            "batch": {name: short(leaf) for name, leaf in zip(names, leaves, strict=True)},
        }

    def __repr__(self):
        batch = jax.tree.unflatten(self._form.structure, self._form.leaves)
        return f"stream({self._origin.title}) of {short(batch)}"
