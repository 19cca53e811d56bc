"""A schedule of optax as a value that can be looked at: what it says at each step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.config import source
from luxnb.core.spec import short
from luxnb.core.view import Viewable


@dataclass(frozen=True, eq=False)
class Schedule(Viewable):
    """What a schedule says at each step: `values[i]` is used by the step after i steps, float32."""

    values: np.ndarray

    def __len__(self):
        return len(self.values)

    def __repr__(self):
        values, n = self.values, len(self.values)
        low, high = (int(find(values)) for find in (np.argmin, np.argmax))
        words = [f"{values[i]:.4g} at step {i:,}" for i in sorted({0, high, low, n - 1})]
        return f"<Schedule of {n:,} steps: {', '.join(words)}>"


def schedule(function: Callable[[Any], Any], steps: int) -> Schedule:
    """The curve of a schedule over its first `steps` steps, as the last line of a cell.

    `function` maps the number of steps that were taken to a value, as those of optax do.

    >>> schedule(optax.linear_schedule(1.0, 0.0, 4), 5)
    <Schedule of 5 steps: 1 at step 0, 0 at step 4>
    >>> schedule(optax.linear_schedule(1.0, 0.0, 4), 5).values
    array([1.  , 0.75, 0.5 , 0.25, 0.  ], dtype=float32)
    """
    if not callable(function):
        raise TypeError(
            "a schedule is a function of the step, as optax.cosine_decay_schedule(1e-3, 1000), got "
            f"{short(function)}; a constant one is optax.constant_schedule(1e-3)"
        )
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1:
        raise ValueError(f"steps must be a positive integer, got {short(steps)}")
    counts = jnp.arange(steps, dtype=jnp.int32)
    return Schedule(np.asarray(jax.jit(lambda counts: jax.lax.map(_one(function), counts))(counts)))


def _one(function: Callable) -> Callable:
    """The schedule at a step, as an optimiser would ask for it."""

    def value(count):
        try:
            found = function(count)
        except Exception as error:
            error.add_note(
                f"asking the schedule {source(function)} for its value at a step, an int32[]"
            )
            raise
        if jnp.shape(found) != ():
            raise ValueError(f"a schedule says one number a step, got {short(found)}")
        return jnp.asarray(found, jnp.float32)

    return value
