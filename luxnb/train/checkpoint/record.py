"""What a checkpoint of a run records: a Standing and its Task, as named arrays and metadata."""

import time
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from luxnb.core.spec import is_key
from luxnb.train.checkpoint.names import layout, like, named
from luxnb.train.measure.validation import Best
from luxnb.train.recipe.environment import installed
from luxnb.train.recipe.make import recipe_of
from luxnb.train.running.intervention import Intervention
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.task import Task

BEST, BEGIN = "best.", "begin."  # before the names of the leaves of other TrainStates


def recorded(standing: Standing, task: Task) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays by name, still on the device, with random keys as they are; and the metadata."""
    there = {"": standing, BEGIN: task.begin, BEST: standing.best}
    states = {above: one.ts for above, one in there.items() if one is not None}
    arrays = {
        above + name: leaf for above, ts in states.items() for name, leaf in named(ts).items()
    }
    kinds: dict[str, str] = {}
    for above, ts in states.items():
        kinds |= layout(ts.params, f"{above}params") | layout(ts.state, f"{above}state")
    arrays["history"] = standing.rows
    if standing.validation_rows is not None:
        arrays["validation"] = standing.validation_rows
    if standing.best is not None:
        arrays["best.value"] = np.float64(standing.best.value)
    return arrays, {
        "versions": {"luxnb": installed("luxnb"), "jax": jax.__version__},
        "saved": time.time(),
        "run": standing.run,
        "step": int(standing.ts.step),
        "first": standing.first,
        "target": standing.target,
        "seconds": standing.seconds,
        "names": standing.names,
        "validation_names": standing.validation_names,
        "validation_steps": standing.validation_steps,
        "interventions": standing.interventions,
        "position": standing.position,
        "recipe": _recipe(task, standing),
        "begin": None if task.begin is None else _beginning(task, task.begin),
        "layout": kinds,
    }


def _recipe(task: Task, standing: Standing) -> dict[str, Any]:
    """The recipe; where a user's function cannot be described, all the rest is saved."""
    try:
        return recipe_of(task, standing).to_dict()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _beginning(task: Task, begin: Standing) -> dict[str, Any]:
    """Whether only parameters and state were given, and what had been done until then."""
    return {
        "is_fresh": task.given["start"] is None,
        "interventions": len(begin.interventions),
    }


# -- random keys --------------------------------------------------------------------------------


def without_keys(arrays: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The arrays with the numbers of each random key in its place, and their kinds by name."""
    kinds = {n: str(jax.random.key_impl(a)) for n, a in arrays.items() if is_key(a)}
    return {n: jax.random.key_data(a) if n in kinds else a for n, a in arrays.items()}, kinds


def as_leaf(array: Any, kind: str | None) -> Any:
    """A leaf from an array of the file: on the device, if that has its dtype; a random key."""
    if kind is not None:
        return jax.random.wrap_key_data(array, impl=kind)
    # Without jax_enable_x64 a float64 would lose half of its bits.
    fits = jax.dtypes.canonicalize_dtype(array.dtype) == array.dtype
    return jax.numpy.asarray(array) if fits else array


# -- back ---------------------------------------------------------------------------------------


def standing_of(
    leaves: Mapping[str, Any], metadata: Mapping[str, Any], start: TrainState
) -> Standing:
    """The Standing that was recorded; its TrainStates are like `start`, which is of shapes."""
    best = None
    if "best.value" in leaves:
        ts = state_of(leaves, metadata, start, BEST)
        best = Best(int(ts.step), float(leaves["best.value"]), ts)
    return Standing(
        ts=state_of(leaves, metadata, start),
        first=int(metadata["first"]),
        names=tuple(metadata["names"]),
        rows=np.asarray(leaves["history"]),
        validation_names=tuple(metadata["validation_names"]),
        validation_steps=tuple(map(int, metadata["validation_steps"])),
        validation_rows=np.asarray(leaves["validation"]) if "validation" in leaves else None,
        interventions=interventions_of(metadata),
        best=best,
        position=metadata["position"],
        target=int(metadata["target"]),
        seconds=float(metadata["seconds"]),
        run=str(metadata["run"]),
    )


def state_of(
    leaves: Mapping[str, Any], metadata: Mapping[str, Any], start: TrainState, above: str = ""
) -> TrainState:
    """The TrainState under `above`, with the structure of `start`."""
    kinds = {name.removeprefix(above): kind for name, kind in metadata["layout"].items()}
    return like(start, lambda name, _: leaves[above + name], kinds)


def interventions_of(metadata: Mapping[str, Any]) -> tuple[Intervention, ...]:
    return tuple(Intervention(*event) for event in metadata["interventions"])
