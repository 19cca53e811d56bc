"""replay: a recipe is trained again and verified: the same bits, or what differs, from when."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.view import Viewable
from luxnb.train.again import repeatable
from luxnb.train.recipe.difference import Differing, differing
from luxnb.train.recipe.form import interventions_of
from luxnb.train.recipe.recall import task_of
from luxnb.train.recipe.recipe import Recipe
from luxnb.train.run import Run


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Replay(Viewable):
    """What `replay` found; true when every bit came out as the recipe says.

    `differences` are those of the two recipes, `recipe` that was sent and `run.recipe`; `parted` is
    the first milestone at which a metric differs, and `metric` its name with both values.
    """

    recipe: Recipe
    run: Run
    identical: bool
    differences: tuple[Differing, ...]
    parted: int | None
    since: int  # the last milestone before it, at which all was the same
    metric: tuple[str, float, float] | None

    def __bool__(self):
        return self.identical

    def __repr__(self):
        result = self.recipe["result"]
        if self.identical:
            lines = [
                f"identical to the bit: {result['steps']:,} steps, and the fingerprint "
                f"{result['fingerprint'][:12]} that the recipe says"
            ]
        else:
            lines = [self._parting()]
        if self.differences:
            lines.append("although these differ:" if self.identical else "what differs:")
        lines += [f"  {each}" for each in self.differences]
        if not self.identical and not self.differences:
            lines.append("  nothing that the recipe knows of")
        return "\n".join(lines)

    def _parting(self) -> str:
        steps = self.recipe["result"]["steps"]
        if self.metric is not None and self.parted is not None:
            name, wanted, found = self.metric
            between = f" (the same at step {self.since:,})" if self.since else ""
            return (
                f"not the same: parted by step {self.parted:,}{between}, "
                f"{name} {found!r} where the recipe says {wanted!r}"
            )
        if self.run.step != steps:
            message = self.run.latest.message
            return f"not the same: it ended at step {self.run.step:,} of {steps:,}: {message}"
        return f"not the same: all metrics agree, but after {steps:,} steps some bits differ"


def replay(
    recipe: Recipe | Mapping[str, Any] | str,
    model: Layer,
    data: Any,
    *,
    loss: Any = None,
    optimizer: Any = None,
    metrics: Mapping[str, Any] | None = None,
    **options,
) -> Replay:
    """Train again what a recipe describes, and say whether the same bits come out.

    `recipe` is `run.recipe`, its dict or its JSON. Seed, batch size, options, the number of steps
    and what was set on the way are taken from it; loss, metrics and optimiser too, when they are
    made of luxnb's and optax's functions: those of its author's own are given as arguments, as are
    `params` and `state` when the run did not start from `model.init(seed)`. Nothing in a recipe is
    ever evaluated. ValueError says what is missing, or what cannot belong to it.

    >>> x = jnp.linspace(-1, 1, 64)[:, None]
    >>> run = fit(Dense(1, 1), (x, x), loss=losses.mse, optimizer=optax.adam(0.1), steps=20)
    >>> bool(replay(run.recipe.to_json(), Dense(1, 1), (x, x)))
    True
    """
    recipe = Recipe.of(recipe)
    given = {"loss": loss, "optimizer": optimizer, "metrics": metrics, **options}
    task = task_of(recipe, model, data, given)
    last = recipe["result"]["steps"]
    if last == task.first:
        raise ValueError("the recipe is of a run that has taken no step: nothing can be verified")
    events = repeatable(task, interventions_of(recipe), 0)
    run = Run(task, replayed=events, until=last).fit(steps=last - task.first)
    run.wait()
    parted, since, metric = _first_milestone(recipe, run)
    again = run.recipe
    same = recipe["result"]["fingerprint"] == again["result"]["fingerprint"]
    return Replay(recipe, run, same, differing(recipe, again), parted, since, metric)


def _first_milestone(recipe: Recipe, run: Run):
    """The first milestone at which a metric differs, the one before it, and both values."""
    history, since = run.history, 0
    row_of = {step: row for row, step in enumerate(history.steps.tolist())}
    for milestone in recipe["result"]["milestones"]:
        step = milestone["step"]
        if step not in row_of:
            return None, since, None
        for name, bits in milestone["metrics"].items():
            wanted = np.uint32(int(bits, 16)).view(np.float32)
            found = history[name][row_of[step]] if name in history.names else np.float32(np.nan)
            if found.view(np.uint32) != wanted.view(np.uint32):
                return step, since, (name, float(wanted), float(found))
        since = step
    return None, since, None
