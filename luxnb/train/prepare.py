"""From the arguments of `fit` to a Task: everything that can be wrong is found here."""

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.train.checkpoint.keeper import Checkpoints
from luxnb.train.feed.choose import feed_of
from luxnb.train.measure.validation import Validation
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState, check_like
from luxnb.train.step.objective import as_objective
from luxnb.train.step.options import Options
from luxnb.train.task import Task


def prepare(given: Mapping[str, Any]) -> Task:
    """The Task of these arguments; ValueError or TypeError says which one is wrong, and why."""
    model, optimizer = given["model"], given["optimizer"]
    if not isinstance(model, Layer):
        raise TypeError(f"model must be a layer, got {model!r}; a function is one as Function(f)")
    if not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise TypeError(f"optimizer must be one of optax's, as optax.adam(1e-3), got {optimizer!r}")
    feed = feed_of(given["data"], given["batch_size"])
    objective = as_objective(given["loss"], given["metrics"])
    options = Options.of(given)
    return Task(
        model,
        feed,
        objective,
        optimizer,
        options,
        given["seed"],
        _begin(given, options),
        Validation.of(given["validation"]),
        Checkpoints.of(given["checkpoints"]),
        {**given, "data": feed},
    )


def _begin(given: Mapping[str, Any], options: Options) -> Standing | None:
    """Where it starts, when that is not at model.init(seed)."""
    model, optimizer, start = given["model"], given["optimizer"], given["start"]
    params, state = given["params"], given["state"]
    if start is None and params is None and state is None:
        return None
    if start is None:
        ts = TrainState.create(model, optimizer, params=params, state=state, **options.keywords)
        return Standing.of(ts)
    if params is not None or state is not None:
        raise ValueError("give start=, which has parameters and state, or params= and state=")
    if isinstance(start, TrainState):
        start = Standing.of(start)
    if not isinstance(start, Standing):
        raise TypeError(f"start must be a TrainState, as run.at(500) is, got {short(start)}")
    made = partial(TrainState.create, model, optimizer, **options.keywords)
    ts = options.adapted(start.ts)
    check_like(ts, jax.eval_shape(made, given["seed"]))
    return dataclasses.replace(start, ts=dataclasses.replace(ts, model=model))
