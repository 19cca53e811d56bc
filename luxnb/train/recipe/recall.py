"""From a recipe back to a Task: what has a known name is made again, the rest must be given."""

import inspect
from collections.abc import Mapping
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import specs
from luxnb.core.tree import nearest
from luxnb.train.fit import fit
from luxnb.train.prepare import prepare
from luxnb.train.recipe.environment import environment
from luxnb.train.recipe.functions import find_function
from luxnb.train.recipe.make import describe_model, describe_start
from luxnb.train.recipe.optimizer import digest_optimizer
from luxnb.train.recipe.options import options_of
from luxnb.train.recipe.rebuild import rebuild_optimizer
from luxnb.train.recipe.recipe import Recipe
from luxnb.train.recipe.seed import seed_of
from luxnb.train.state import TrainState
from luxnb.train.task import Task

IN_THE_RECIPE = ("seed", "batch_size", "steps", "epochs")


def task_of(recipe: Recipe, model: Layer, data: Any, given: Mapping[str, Any]) -> Task:
    """The Task that the recipe describes, with the arguments of `fit` that are given.

    ValueError says what must be given, and what of it cannot be what the recipe describes.
    """
    defaults = {name: p.default for name, p in inspect.signature(fit).parameters.items()}
    given = {name: value for name, value in given.items() if value is not None}
    _check_given(recipe, given, defaults)
    task = prepare(
        {
            **defaults,
            **options_of({k: v for k, v in recipe["options"].items() if k not in given}),
            **given,
            "model": model,
            "data": data,
            "seed": seed_of(recipe["seed"]),
            "batch_size": recipe["data"].get("batch_size"),
            "loss": given.get("loss") or find_function(recipe["loss"], "loss"),
            "metrics": _metrics(recipe["metrics"], given.get("metrics", {})),
            "optimizer": given.get("optimizer")
            or rebuild_optimizer(recipe["optimizer"]["calls"], "optimizer"),
        }
    )
    shapes = _shapes(task)
    _check_model(recipe, shapes)
    if "optimizer" not in given:
        _check_optimizer(recipe, task.optimizer, shapes)
    if recipe["start"]:
        _check_start(recipe["start"], task)
    return task


def _check_given(recipe: Recipe, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    for name in given:
        if name in IN_THE_RECIPE:
            raise TypeError(f"{name} is in the recipe: leave it out")
        if name not in defaults:
            raise TypeError(f"fit has no argument {name!r}{nearest(name, defaults)}")
    start, begins = recipe["start"], {"params", "state", "start"} & given.keys()
    if start and not begins:
        raise ValueError(
            f"the run started from a TrainState at step {start['step']:,} "
            f"(digest {start['sha256'][:12]}): give it as start=…, or params=… and state=…"
        )
    if begins and not start:
        raise ValueError(
            "the run of the recipe started from model.init(seed): "
            f"leave {' and '.join(sorted(begins))} out"
        )


def _metrics(described: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Those given, and the others by the names that they are known by."""
    for name in given:
        if name not in described:
            raise ValueError(f"the recipe has no metric {name!r}{nearest(name, described)}")
    return {
        name: given[name] if name in given else find_function(one, f"metrics[{name!r}]")
        for name, one in described.items()
    }


def _shapes(task: Task) -> TrainState:
    """Of what it starts from, without the optimiser, of which nobody knows yet what it does."""
    if task.begin is not None:
        return specs(task.begin.ts)
    params, state = jax.eval_shape(task.model.init, task.seed)
    step: Any = jax.ShapeDtypeStruct((), "int32")
    return TrainState(task.model, params, state, None, step)


def _check_model(recipe: Recipe, ts: TrainState) -> None:
    wanted, found = recipe["model"], describe_model(ts)
    if wanted["sha256"] != found["sha256"]:
        raise ValueError(
            "the model has other parameters or state than that of the recipe, which is\n"
            f"{wanted['code']:.500}\nwith {wanted['parameters']:,} parameters; this one has "
            f"{found['parameters']:,}:\n{found['code']:.500}"
        )


def _check_optimizer(recipe: Recipe, optimizer: Any, ts: TrainState) -> None:
    """What was made of the calls must take a step; under equal versions, that of the recipe."""
    try:
        mine = digest_optimizer(optimizer, ts)
    except Exception as error:  # of any kind: its arguments may be anything
        raise ValueError(f"the optimiser of the recipe cannot take a step: {error}") from None
    here, there = environment(), recipe["environment"]
    if any(here[name] != there.get(name) for name in ("jax", "optax")):
        return
    if mine != recipe["optimizer"]["sha256"]:
        raise ValueError(
            "what the calls in the recipe make is not the optimiser of the run, as its digest "
            "says: give it as an argument, as optimizer=optax.adam(1e-3)"
        )


def _check_start(start: dict[str, Any], task: Task) -> None:
    begun = describe_start(task.start())
    if begun != start:
        raise ValueError(
            f"the run started from other parameters and state: at step {start['step']:,} "
            f"with the digest {start['sha256'][:12]}, and given are those at step "
            f"{begun['step']:,} with {begun['sha256'][:12]}"
        )
