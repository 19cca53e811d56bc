"""Training by hand: a loop over batches that yields what happened."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from luxnb.train.state import TrainState


@dataclass(frozen=True)
class Event:
    """One step: its number, its metrics (still on the device), and the TrainState after it."""

    step: int
    metrics: Mapping[str, Any]
    ts: TrainState


def training(ts: TrainState, step: Callable, batches: Iterable) -> Iterator[Event]:
    """Take one step a batch and yield an `Event` after each; a callback is the loop's body.

    >>> optimizer = optax.adam(1e-2)
    >>> step = train_step(losses.mse, optimizer)
    >>> ts = TrainState.create(Dense(2, 1), optimizer, 0)
    >>> x, y = jnp.ones((8, 2)), jnp.ones((8, 1))
    >>> for event in training(ts, step, batches((x, y), batch_size=4, epochs=3)):
    ...     ts = event.ts
    >>> int(ts.step)
    6
    """
    for number, batch in enumerate(batches, int(ts.step) + 1):
        ts, metrics = step(ts, batch)
        yield Event(number, metrics, ts)
