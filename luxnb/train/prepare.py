"""From the arguments of `fit` to a Task: everything that can be wrong is found here."""

from collections.abc import Mapping
from typing import Any

from luxnb.core.layer import Layer
from luxnb.train.feed.resident import Resident
from luxnb.train.objective import as_objective
from luxnb.train.options import Options
from luxnb.train.state import TrainState
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


def _begin(given: Mapping[str, Any], options: Options) -> TrainState | None:
    params, state, start = given["params"], given["state"], given["start"]
    if start is not None:
        if params is not None or state is not None:
            raise ValueError("give start=, which has parameters and state, or params= and state=")
        if not isinstance(start, TrainState):
            raise TypeError(f"start must be a TrainState, as run.at(500) is, got {start!r}")
        return start
    if params is None and state is None:
        return None
    return TrainState.create(
        given["model"], given["optimizer"], params=params, state=state, options=options
    )


def _validation(validation: Any) -> Validation | None:
    if validation is None or isinstance(validation, Validation):
        return validation
    return Validation(validation)
