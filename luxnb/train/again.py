"""Again: the arguments of a run that is to be repeated, changed in some, or continued elsewhere."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax

from luxnb.core.tree import nearest
from luxnb.train.measure.validation import Best, Judge
from luxnb.train.prepare import prepare
from luxnb.train.running.intervention import Intervention
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.step.hyperparameters import check_values
from luxnb.train.task import Task


def changed(task: Task, changes: Mapping[str, Any]) -> Task:
    """The task with other arguments of `fit`. It writes no checkpoints unless told where."""
    for name in changes:
        if name not in task.given:
            raise TypeError(f"fit has no argument {name!r}{nearest(name, task.given)}")
    given = {**task.given, "checkpoints": None}
    if {"params", "state"} & changes.keys():
        given["start"] = None
    if "start" in changes:
        given["params"] = given["state"] = None
    start = changes.get("start")
    if "validation" in changes and isinstance(start, Standing):  # measured on other data
        measured = {"validation_names": (), "validation_steps": (), "validation_rows": None}
        changes = {**changes, "start": dataclasses.replace(start, **measured, best=None)}
    if "data" in changes:
        given["batch_size"] = None  # which may be that of the data
    return prepare({**given, **changes})


def length(task: Task, changes: Mapping[str, Any], planned: int) -> dict[str, int | None]:
    """How far it is to go, as `fit` takes it: as planned once, unless the changes say otherwise."""
    if changes.get("steps") is not None or changes.get("epochs") is not None:
        return {"steps": changes.get("steps"), "epochs": changes.get("epochs")}
    epochs, per_epoch = task.given.get("epochs"), task.feed.steps_per_epoch
    if epochs and per_epoch and {"data", "batch_size"} & changes.keys():
        return {"epochs": epochs}
    return {"steps": planned - task.first}


def repeatable(
    task: Task, interventions: Iterable[Intervention], known: int
) -> tuple[Intervention, ...]:
    """What is to be done again, from the `known`th on, once it is seen that it can be done."""
    events = tuple(interventions)[known:]
    state = jax.eval_shape(task.start).optimizer_state
    for event in events:
        if event.name == "set":
            try:
                check_values(state, event.values or {})
            except ValueError as error:
                raise ValueError(
                    f"at step {event.step:,} of the run it was said set({_call(event.values)}), "
                    f"which cannot be repeated: {error}"
                ) from None
    return events


def until(standing: Standing, ts: TrainState) -> Standing:
    """What was noted up to the step of `ts`, an earlier one: where another run may start."""
    step = int(ts.step)
    kept = [i for i, there in enumerate(standing.validation_steps) if there <= step]
    rows, best = standing.validation_rows, standing.best
    share = (step - standing.first) / max(len(standing.rows), 1)
    return dataclasses.replace(
        standing,
        ts=ts,
        rows=standing.rows[: step - standing.first],
        validation_steps=tuple(standing.validation_steps[i] for i in kept),
        validation_rows=None if rows is None else rows[: len(kept)],
        interventions=tuple(e for e in standing.interventions if e.step <= step),
        best=best if best is not None and best.step <= step else None,
        target=step,
        seconds=standing.seconds * share,
    )


def with_best(standing: Standing, task: Task, at: Callable[[int], TrainState]) -> Standing:
    """The same with the best of its validations, whose TrainState `at` computes if it is gone."""
    rows = standing.validation_rows
    if standing.best is not None or rows is None or task.validation is None:
        return standing
    judge, best = Judge(task.validation, standing.validation_names), None
    for step, row in zip(standing.validation_steps, rows, strict=True):
        best = (step, judge.value(row)) if judge.hear(row) else best
    return (
        standing if best is None else dataclasses.replace(standing, best=Best(*best, at(best[0])))
    )


def _call(values: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in (values or {}).items())
