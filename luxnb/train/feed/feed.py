"""Feed: what a run trains on, and in which form batches reach the program."""

from typing import Any, NamedTuple, Protocol

import jax

from luxnb.train.feed.source import Source


class Portion(NamedTuple):
    """Arrays on the device that hold the batches of n steps; see `Source.batch`."""

    arrays: Any
    origin: int
    n: int


class Supply(Protocol):
    """Batches in order, from the step at which it was opened. Used by one thread."""

    def take(self, step: int, most: int) -> Portion | None:
        """Arrays for between 1 and `most` steps from `step` on; None where the data end.

        `step` is the one after the last that was taken, or one that was not released since.
        Of 0 steps, with no arrays, when there is nothing yet, so that nobody waits in vain.
        Raises what the user's iterator raises; the steps before it can still be taken.
        """
        ...

    def release(self, step: int) -> None:
        """Nothing before `step` will be asked for again."""
        ...

    def position(self, step: int) -> Any:
        """What `Feed.open` needs to go on at `step`, as data for JSON; None when nothing."""
        ...

    def close(self) -> None:
        """End threads and give memory back; nothing can be taken after it."""
        ...


class Feed(Protocol):
    """The data of a run, as a value: opened as often as somebody wants to read it."""

    @property
    def source(self) -> Source:
        """How the program finds a batch; equal sources share programs."""
        ...

    @property
    def arrays(self) -> Any:
        """Shapes and dtypes of what `Supply.take` gives, as a pytree of ShapeDtypeStructs."""
        ...

    @property
    def data(self) -> Any:
        """All rows as a pytree of arrays, or None when there is no such thing."""
        ...

    @property
    def steps_per_epoch(self) -> int | None:
        """How many steps are an epoch, or None when nobody knows."""
        ...

    @property
    def rewindable(self) -> bool:
        """Whether it can be opened again at any step it has passed, with the same batches."""
        ...

    def open(self, seed, step: int = 0, position: Any = None) -> Supply:
        """Batches from `step` on, in the order that belongs to `seed`."""
        ...

    def describe(self) -> dict:
        """What the recipe says of it: kind, shapes, digests; data for JSON."""
        ...


def batch_shapes(feed: Feed) -> Any:
    """Shapes and dtypes of the batch of one step."""
    source, step = feed.source, jax.ShapeDtypeStruct((), "int32")
    order = jax.eval_shape(source.order, jax.eval_shape(lambda: jax.random.key(0)), step)
    return jax.eval_shape(source.batch, feed.arrays, step, order, step)
