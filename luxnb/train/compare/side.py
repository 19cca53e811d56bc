"""Side: what can be compared: a run, a checkpoint, a recipe; and what it knows of its way."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from luxnb.core.spec import short
from luxnb.train.checkpoint.checkpoint import Checkpoint
from luxnb.train.checkpoint.record import BEGIN, BEST
from luxnb.train.compare.fingerprint import fingerprint
from luxnb.train.compare.parting import Leaves, leaves_by_name
from luxnb.train.measure.history import History
from luxnb.train.recipe.recipe import Recipe


@dataclasses.dataclass(frozen=True, eq=False)
class Side:
    """How far something came, and how. What it does not know is None.

    `at(step)` is its TrainState after as many steps, from `first` on; `recipe()` may take a while.
    """

    steps: int
    history: History
    fingerprint: str | None = None
    leaves: Leaves | None = None
    first: int = 0
    at: Callable[[int], Any] | None = None
    recipe: Callable[[], Mapping[str, Any] | None] | None = None

    @classmethod
    def of(cls, thing: Any) -> "Side":
        """Of a run, a checkpoint, a recipe; whatever has `ts` and `history` is like a run."""
        if isinstance(thing, Checkpoint):
            return _of_checkpoint(thing)
        if isinstance(thing, Mapping | str):
            return of_recipe(Recipe.of(thing))
        if hasattr(thing, "ts") and hasattr(thing, "history"):
            return _of_run(thing)
        raise TypeError(
            f"compare takes runs, checkpoints and recipes, got {short(thing)}; "
            "of values, lx.diff says in what they differ"
        )


def of_recipe(recipe: Recipe) -> Side:
    """A recipe knows its metrics at a few steps."""
    result = recipe["result"]
    milestones = result["milestones"]
    names = tuple(milestones[0]["metrics"]) if milestones else ()
    steps = [each["step"] for each in milestones]
    bits = [[int(each["metrics"].get(n, "7fc00000"), 16) for n in names] for each in milestones]
    history = History(names)
    history.append(
        np.array(bits, np.uint32).reshape(len(steps), len(names)).view(np.float32), steps
    )
    return Side(result["steps"], history, result["fingerprint"], recipe=lambda: recipe)


def _of_checkpoint(checkpoint: Checkpoint) -> Side:
    other = (BEGIN, BEST, "history", "validation")
    leaves = {n: a for n, a in checkpoint.arrays.items() if not n.startswith(other)}
    history = checkpoint.history
    return Side(checkpoint.step, history, None, leaves, recipe=lambda: checkpoint.recipe)


def _of_run(run: Any) -> Side:
    ts, history = run.ts, run.history
    task = getattr(run, "task", None)
    return Side(
        int(ts.step),
        history,
        fingerprint(ts, history),
        leaves_by_name(ts),
        task.first if task is not None else 0,
        getattr(run, "at", None),
        lambda: getattr(run, "recipe", None),
    )
