"""How a compiled program finds the batch of a step in the arrays that it is given."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from luxnb.train.feed.data import rows_of_step, take
from luxnb.train.feed.shuffle import round_keys

FOREVER = 2**31 - 1


@dataclass(frozen=True)
class Permuted:
    """Rows of arrays that stay on the device; each epoch takes them in an order of its own."""

    rows: int
    batch_size: int

    @property
    def steps_per_epoch(self) -> int:
        return self.rows // self.batch_size

    def order(self, key, step):
        """What selects the batches from `step` on ..."""
        return round_keys(key, step // self.steps_per_epoch)

    def until(self, step):
        """... up to, but without, this step."""
        return (step // self.steps_per_epoch + 1) * self.steps_per_epoch

    def batch(self, arrays: Any, origin, order, step) -> Any:
        """The batch of `step`, held together so that a step is compiled alike from any source."""
        rows = rows_of_step(order, step, self.rows, self.batch_size)
        return lax.optimization_barrier(take(arrays, rows))


@dataclass(frozen=True)
class Stacked:
    """Whole batches, stacked: row i of each array belongs to step `origin` + i."""

    def order(self, key, step):
        return jnp.int32(0)

    def until(self, step):
        return jnp.int32(FOREVER)

    def batch(self, arrays: Any, origin, order, step) -> Any:
        def row(array):
            return lax.dynamic_index_in_dim(array, step - origin, keepdims=False)

        return lax.optimization_barrier(jax.tree.map(row, arrays))


Source = Permuted | Stacked
