"""load: a file becomes a Checkpoint, or a Run that goes on where the saved one stood."""

import dataclasses
import inspect
import os
from collections.abc import Collection
from typing import Any

import jax

from luxnb.core.layer import Layer
from luxnb.core.spec import specs
from luxnb.core.tree import nearest
from luxnb.train.again import until
from luxnb.train.checkpoint.checkpoint import Checkpoint
from luxnb.train.checkpoint.files import read_checkpoint
from luxnb.train.checkpoint.header import understood
from luxnb.train.checkpoint.match import check_names, check_recipe, check_start, check_validation
from luxnb.train.checkpoint.record import BEGIN, standing_of, state_of
from luxnb.train.fit import fit
from luxnb.train.prepare import prepare
from luxnb.train.program.program import trace
from luxnb.train.recipe.functions import find_function
from luxnb.train.recipe.make import recipe_of
from luxnb.train.recipe.options import options_of
from luxnb.train.recipe.rebuild import rebuild_optimizer
from luxnb.train.recipe.recipe import Recipe
from luxnb.train.recipe.seed import seed_of
from luxnb.train.run import Run
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.task import Task

IN_THE_FILE = ("params", "state", "start")
AFTERWARDS = ("steps", "epochs")


def load(
    path: str | os.PathLike,
    model: Layer | None = None,
    *,
    data: Any = None,
    accept: Collection[str] = (),
    **options,
) -> Any:
    """A saved run: without data a `Checkpoint`; with model and data a `Run` that goes on.

    `path` is a file that `run.save` wrote, or a folder of `Checkpoints`, of which the newest intact
    one is meant. Every bit is checked: a damaged file is a ValueError that says where, and which
    other one is intact. With a `model`, its parameters and state must be those of the file.

    The run goes on to the bit, also from the middle of an epoch. `options` are other arguments of
    `fit`, as it got them then: what the file knows by name need not be given, such as seed, batch
    size, or a loss and an optimiser of luxnb and optax; functions of your own must be, and so
    must `validation`. Other data, another seed, loss or optimiser are a ValueError that says what
    differs, unless `accept` names it: `accept=["data"]`. Nothing in the file is ever executed.

    >>> x = jnp.linspace(-1, 1, 64)[:, None]
    >>> given = dict(loss=losses.mse, optimizer=optax.adam(1e-2))
    >>> straight = fit(Dense(1, 1), (x, 3 * x), **given, steps=10)
    >>> fit(Dense(1, 1), (x, 3 * x), **given, steps=5).save("line.safetensors")
    >>> run = load("line.safetensors", Dense(1, 1), data=(x, 3 * x))
    >>> run.fit(steps=5).fingerprint == straight.fingerprint
    True
    >>> import os; os.remove("line.safetensors")
    """
    if data is None and not options and not accept:
        return read_checkpoint(path, model)
    for name, value in {"model": model, "data": data}.items():
        if value is None:
            raise TypeError(
                f"to go on with a saved run, give also {name}=, as fit got it; "
                "lx.load(path, model) alone gives what is in the file"
            )
    return _resumed(read_checkpoint(path), {"model": model, "data": data, **options}, accept)


def _resumed(checkpoint: Checkpoint, given: dict[str, Any], accept: Collection[str]) -> Run:
    path, said = checkpoint.path, checkpoint.metadata
    if "error" in said["recipe"]:
        raise ValueError(
            f"{path} has no recipe ({said['recipe']['error']}), so nobody knows how it goes on; "
            "write fit(model, data, params=checkpoint.params, state=checkpoint.state, …)"
        )
    recipe = Recipe.of(said["recipe"])
    task = prepare(_completed(recipe, given))
    start, begin = jax.eval_shape(task.start), None
    leaves = checkpoint.leaves()
    if said["begin"]:  # of which the types may be others than those of model.init
        check_start(path, start, checkpoint.under(BEGIN), said["keys"], with_dtypes=False)
        with understood(path):
            begin = state_of(leaves, said, start, BEGIN)
        start = specs(begin)
    check_start(path, start, checkpoint.arrays, said["keys"])
    with understood(path):
        standing = standing_of(leaves, said, start)
        if begin is not None:
            task = _begun(task, begin, standing, said["begin"])
    check_names(path, said["names"], trace(task.plan).names)
    check_recipe(path, recipe, recipe_of(task, standing), accept)
    run = Run(task, standing)
    check_validation(path, run.validation.names, said)
    return run


def _completed(recipe: Recipe, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `fit`: those given, else those that the recipe knows by name."""
    arguments = {name: p.default for name, p in inspect.signature(fit).parameters.items()}
    for name in given:
        if name in IN_THE_FILE:
            raise TypeError(f"{name} is in the file: leave it out")
        if name in AFTERWARDS:
            raise TypeError(f"say {name} afterwards: lx.load(…).fit({name}={given[name]!r})")
        if name not in arguments:
            raise TypeError(f"fit has no argument {name!r}{nearest(name, arguments)}")
    known = {
        "seed": lambda: seed_of(recipe["seed"]),
        "batch_size": lambda: recipe["data"].get("batch_size"),
        "loss": lambda: find_function(recipe["loss"], "loss"),
        "optimizer": lambda: rebuild_optimizer(recipe["optimizer"]["calls"]),
        "metrics": lambda: {
            name: find_function(metric, f"metrics[{name!r}]")
            for name, metric in recipe["metrics"].items()
        },
    }
    found = {name: make() for name, make in known.items() if name not in given}
    options = {name: v for name, v in recipe["options"].items() if name not in given}
    return {**arguments, **found, **options_of(options), **given}


def _begun(task: Task, begin: TrainState, standing: Standing, said: dict[str, Any]) -> Task:
    """The task that began with this TrainState, as it did, so that it can be run again."""
    if said["is_fresh"]:
        given = {**task.given, "params": begin.params, "state": begin.state}
        return dataclasses.replace(task, begin=Standing.of(begin), given=given)
    known = standing.interventions[: said["interventions"]]
    begun = dataclasses.replace(until(standing, begin), interventions=known)
    return dataclasses.replace(task, begin=begun, given={**task.given, "start": begun})
