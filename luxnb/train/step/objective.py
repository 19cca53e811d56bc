"""Objectives: what a step makes smaller, and the metrics that come with it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from luxnb.core.spec import short

Objective = Callable[[Any, Any, Any, Any], tuple[Any, Any, Mapping]]


@dataclass(frozen=True)
class Supervised:
    """loss(model(x), y) over batches (x, y), with metrics of the same two arguments.

    As an objective: `(model, ps, st, batch) -> (loss, st, metrics)`. A value: equal losses and
    metrics are the same objective and share one compiled program.
    """

    loss: Callable
    metrics: tuple[tuple[str, Callable], ...] = ()

    def __call__(self, model, ps, st, batch):
        x, y = batch
        prediction, st = model(x, ps, st)
        metrics = {name: metric(prediction, y) for name, metric in self.metrics}
        return self.loss(prediction, y), st, metrics


def as_objective(loss: Callable, metrics: Mapping[str, Callable] | None = None) -> Objective:
    """An objective as it is; a loss of (prediction, target) lifted to one.

    >>> as_objective(losses.mse) == as_objective(losses.mse)
    True
    """
    metrics = dict(metrics or {})
    for name, metric in metrics.items():
        if name == "loss" or not callable(metric):
            raise ValueError(
                f"metrics[{name!r}] must be a function of (prediction, target) under a name "
                f"other than 'loss', got {short(metric)}"
            )
    wanted = _positional(loss)
    if wanted == 2:
        return Supervised(loss, tuple(metrics.items()))
    if wanted == 4:
        if metrics:
            raise ValueError(
                "an objective (model, ps, st, batch) returns its own metrics: "
                "write return loss, st, {'accuracy': …} instead of metrics="
            )
        return loss
    raise TypeError(
        "loss must be a function of (prediction, target), or an objective of "
        f"(model, ps, st, batch), got {loss!r} with {wanted} positional arguments"
    )


def _positional(function) -> int:
    """How many arguments without a default can be given by position."""
    if not callable(function):
        raise TypeError(f"loss must be a function, got {function!r}")
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return sum(p.kind in kinds and p.default is p.empty for p in parameters)
