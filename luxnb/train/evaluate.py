"""Evaluation and prediction: the model in test mode over all rows, a batch at a time."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.mode import testmode
from luxnb.core.tree import Tree
from luxnb.train.data import on_device, rows_of
from luxnb.train.state import TrainState

_BATCH = 1024


def evaluate(ts: TrainState, objective, training_data: Any, data: Any = None) -> dict[str, float]:
    """Means of the loss and of each metric over the rows, in test mode."""
    data = training_data if data is None else on_device(data)
    totals: dict[str, float] = {}
    rows = rows_of(data)
    for batch in _slices(data, rows):
        metrics = _metrics(objective, ts.model, ts.params, testmode(ts.state), batch)
        for name, value in metrics.items():
            totals[name] = totals.get(name, 0.0) + float(value) * rows_of(batch) / rows
    return totals


def predict(ts: TrainState, x: Any) -> Any:
    """The outputs for all rows of x, in test mode."""
    x = jax.tree.map(jnp.asarray, x)
    state = testmode(ts.state)
    outputs = [_output(ts.model, ts.params, state, part) for part in _slices(x, rows_of(x))]
    return jax.tree.map(lambda *parts: jnp.concatenate(parts), *outputs)


def _slices(data, rows: int):
    for start in range(0, rows, _BATCH):
        yield jax.tree.map(lambda a, start=start: a[start : start + _BATCH], data)


@partial(jax.jit, static_argnums=0)
def _metrics(objective, model, params, state, batch):
    loss, _, metrics = objective(model, params, state, batch)
    return Tree.of({"loss": loss, **metrics})


@jax.jit
def _output(model, params, state, x):
    return model(x, params, state)[0]
