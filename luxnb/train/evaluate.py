"""Evaluation and prediction: the model in test mode over all rows, a batch at a time."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.mode import testmode
from luxnb.core.tree import Tree
from luxnb.train.data import on_device, rows_of
from luxnb.train.state import TrainState

BATCH = 1024


def evaluate(ts: TrainState, objective, data: Any, batch_size: int = BATCH) -> dict[str, float]:
    """Means of the loss and of each metric over the rows of `data`, in test mode."""
    data = on_device(data)
    names = evaluation_names(objective, ts, data, batch_size)
    row = evaluation(objective, ts, data, batch_size)
    return dict(zip(names, np.asarray(row).tolist(), strict=True))


def evaluation(objective, ts: TrainState, data: Any, batch_size: int):
    """A row of the means of all metrics over all rows of `data`, computed without waiting."""
    state, rows = testmode(ts.state), rows_of(data)
    total = None
    for batch in _slices(data, rows, batch_size):
        metrics = _metrics(objective, ts.model, ts.params, state, batch)
        row = _weighted(tuple(metrics.values()), np.float32(rows_of(batch) / rows))
        total = row if total is None else total + row
    return total


def evaluation_names(objective, ts: Any, data: Any, batch_size: int) -> tuple[str, ...]:
    """The names of the metrics; `ts` may be of shapes. Nothing is computed."""
    batch = next(_slices(data, rows_of(data), batch_size))
    metrics = partial(_metrics, objective, ts.model)
    return tuple(jax.eval_shape(metrics, ts.params, testmode(ts.state), batch))


def predict(ts: TrainState, x: Any) -> Any:
    """The outputs for all rows of x, in test mode."""
    x = jax.tree.map(jnp.asarray, x)
    state = testmode(ts.state)
    outputs = [_output(ts.model, ts.params, state, part) for part in _slices(x, rows_of(x), BATCH)]
    return jax.tree.map(lambda *parts: jnp.concatenate(parts), *outputs)


def _slices(data, rows: int, size: int):
    for start in range(0, rows, size):
        yield jax.tree.map(lambda a, start=start: a[start : start + size], data)


@partial(jax.jit, static_argnums=0)
def _metrics(objective, model, params, state, batch):
    loss, _, metrics = objective(model, params, state, batch)
    return Tree.of({"loss": loss, **metrics})


@jax.jit
def _weighted(values, weight):
    return jnp.stack([jnp.asarray(v, jnp.float32) for v in values]) * weight


@jax.jit
def _output(model, params, state, x):
    return model(x, params, state)[0]
