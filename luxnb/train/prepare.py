"""From the arguments of `fit` to a Task: everything that can be wrong is found here."""

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.train.feed.resident import Resident
from luxnb.train.objective import as_objective
from luxnb.train.options import Options
from luxnb.train.standing import Standing
from luxnb.train.state import TrainState, check_like
from luxnb.train.task import Task
from luxnb.train.validation import Validation

BATCH_SIZE = 32


def prepare(given: Mapping[str, Any]) -> Task:
    """The Task of these arguments; ValueError or TypeError says which one is wrong, and why."""
    model, optimizer = given["model"], given["optimizer"]
    if not isinstance(model, Layer):
        raise TypeError(f"model must be a layer, got {model!r}; a function is one as Function(f)")
    if not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise TypeError(f"optimizer must be one of optax's, as optax.adam(1e-3), got {optimizer!r}")
    feed = _feed(given["data"], given["batch_size"])
    objective = as_objective(given["loss"], given["metrics"])
    options = Options()
    return Task(
        model,
        feed,
        objective,
        optimizer,
        options,
        given["seed"],
        _begin(given, options),
        _validation(given["validation"]),
        given["checkpoints"],
        {**given, "data": feed},
    )


def _feed(data: Any, batch_size: int | None):
    if isinstance(data, Resident) and batch_size in (None, data.batch_size):
        return data
    data = data.data if isinstance(data, Resident) else data
    return Resident.of(data, BATCH_SIZE if batch_size is None else batch_size)


def _begin(given: Mapping[str, Any], options: Options) -> Standing | None:
    """Where it starts, when that is not at model.init(seed)."""
    model, optimizer, start = given["model"], given["optimizer"], given["start"]
    params, state = given["params"], given["state"]
    if start is None and params is None and state is None:
        return None
    if start is None:
        ts = TrainState.create(model, optimizer, params=params, state=state, options=options)
        return Standing.of(ts)
    if params is not None or state is not None:
        raise ValueError("give start=, which has parameters and state, or params= and state=")
    if isinstance(start, TrainState):
        start = Standing.of(start)
    if not isinstance(start, Standing):
        raise TypeError(f"start must be a TrainState, as run.at(500) is, got {short(start)}")
    made = partial(TrainState.create, model, optimizer, options=options)
    check_like(start.ts, jax.eval_shape(made, given["seed"]))
    return dataclasses.replace(start, ts=dataclasses.replace(start.ts, model=model))


def _validation(validation: Any) -> Validation | None:
    if validation is None or isinstance(validation, Validation):
        return validation
    return Validation(validation)
