"""Evaluation and prediction of all members of a sweep, one after another, as each alone."""

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.train.feed.ordered import Ordered
from luxnb.train.measure.evaluate import Evaluation, predict
from luxnb.train.state import TrainState
from luxnb.train.task import Task


def measure(task: Task, members: Iterable[TrainState], data: Any) -> dict[str, np.ndarray]:
    """Loss and metrics of each member over `data`, else over the training data; (members,)."""
    if data is None and task.feed.data is None:
        raise ValueError("a stream has no rows to go through again: say sweep.evaluate(data)")
    ordered = _repeatable(task.feed if data is None else data).checked()
    first, *rest = members
    evaluation = Evaluation(task.objective, task.model, first.params, first.state, ordered)
    found = [evaluation.run(ts.params, ts.state) for ts in (first, *rest)]
    return {name: np.array([row[name] for row in found], np.float32) for name in evaluation.names}


def outputs(members: Iterable[TrainState], x: Any) -> Any:
    """What each member makes of all rows of x, in test mode; (members, rows, …)."""
    _repeatable(x)
    found = [predict(ts.model, ts.params, ts.state, x) for ts in members]
    return jax.tree.map(lambda *each: jnp.stack(each), *found)


def _repeatable(data: Any) -> Ordered:
    ordered = Ordered.of(data)
    if not ordered.repeatable:
        raise ValueError(
            "the data are an iterator, which each member would have to go through: give a list, or "
            "a function that makes it, as lambda: batches()"
        )
    return ordered
