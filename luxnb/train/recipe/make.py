"""From a run to its recipe; computed when somebody asks, never on the thread that trains."""

from typing import Any

import jax
import numpy as np

from luxnb.train.compare.fingerprint import fingerprint
from luxnb.train.measure.history import History
from luxnb.train.measure.validation import Validation
from luxnb.train.program.program import Program, trace
from luxnb.train.recipe.digest import digest_program, digest_shapes
from luxnb.train.recipe.environment import environment
from luxnb.train.recipe.form import FORMAT
from luxnb.train.recipe.functions import describe_function
from luxnb.train.recipe.optimizer import describe_optimizer
from luxnb.train.recipe.options import describe_options
from luxnb.train.recipe.recipe import Recipe
from luxnb.train.recipe.seed import describe_seed
from luxnb.train.recipe.values import encoded
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.step.objective import Supervised
from luxnb.train.task import Task


def recipe_of(task: Task, standing: Standing) -> Recipe:
    """What was trained, on what, how, where; and where it stands."""
    known = 0 if task.begin is None else len(task.begin.interventions)
    events = standing.interventions[known:]
    return Recipe(
        {
            "format": FORMAT,
            **_ingredients(task, trace(task.plan)),
            "interventions": [event._asdict() for event in events],
            "result": _result(standing, task.first),
        }
    )


def _ingredients(task: Task, program: Program) -> dict[str, Any]:
    """What decides the bits, without what was done on the way."""
    objective, ts = task.objective, program.plan.ts.tree
    supervised = isinstance(objective, Supervised)
    return {
        "seed": describe_seed(task.seed),
        "model": describe_model(ts),
        "data": task.feed.describe(),
        "loss": describe_function(objective.loss if supervised else objective),
        "metrics": {
            name: describe_function(metric)
            for name, metric in (objective.metrics if supervised else ())
        },
        "optimizer": describe_optimizer(task.optimizer, ts),
        "options": describe_options(task.options),
        "validation": _validation(task.validation),
        "start": None if task.begin is None else describe_start(task.begin.ts),
        "environment": {**environment(), "matmul_precision": program.plan.precision},
        "program": {"executor": program.executor, "sha256": digest_program(program.jaxpr)},
    }


def describe_model(ts: TrainState) -> dict[str, Any]:
    """The call that makes it, and the names and shapes of its arrays; `ts` may be of shapes."""
    return {
        "code": repr(ts.model),
        "parameters": sum(leaf.size for leaf in jax.tree.leaves(ts.params)),
        "sha256": digest_shapes((ts.params, ts.state)),
    }


def describe_start(ts: TrainState) -> dict[str, Any]:
    """A TrainState by its step and a digest over all its bits."""
    return {"step": int(ts.step), "sha256": fingerprint(ts, History(()))}


def _validation(validation: Validation | None) -> dict[str, Any] | None:
    if validation is None:
        return None
    values = {name: value for name, value in vars(validation).items() if name != "data"}
    return {name: encoded(value, repr) for name, value in values.items()}


def _result(standing: Standing, first: int) -> dict[str, Any]:
    """Where it stands: the fingerprint, and bits of the metrics after 1, 2, 4, 8 … steps.

    The fingerprint is over the TrainState and the history since the start of the run.
    """
    history = History(standing.names, first=max(first, standing.first))
    history.append(standing.rows[history.first - standing.first :])
    return {
        "steps": int(standing.ts.step),
        "fingerprint": fingerprint(standing.ts, history),
        "milestones": [
            {"step": history.first + n, "metrics": _bits(history.names, history.since(n - 1)[0])}
            for n in _doubling(len(history))
        ],
    }


def _doubling(n: int) -> list[int]:
    """1, 2, 4, 8 … and n."""
    return sorted({2**i for i in range(n.bit_length())} | {n}) if n else []


def _bits(names: tuple[str, ...], row: np.ndarray) -> dict[str, str]:
    words = row.astype(np.float32).view(np.uint32)
    return {name: f"{word:08x}" for name, word in zip(names, words.tolist(), strict=True)}
