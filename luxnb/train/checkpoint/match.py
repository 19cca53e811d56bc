"""Whether a checkpoint belongs to a model, an optimiser, data: what differs is named."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import jax
import numpy as np

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.tree import nearest
from luxnb.train.checkpoint.names import named
from luxnb.train.recipe.difference import differing
from luxnb.train.state import TrainState

MOST = 4  # differences that are told
ACCEPTABLE = ("seed", "data", "model", "loss", "optimizer", "options")
OWNERS = {"params": "model", "state": "model", "optimizer_state": "optimizer", "extras": "options"}

PARTINGS = {
    "optimizer": "was trained by another optimizer",
    "options": "was trained with other options",
}


def check_model(
    path, model: Layer, arrays: Mapping[str, np.ndarray], keys: Mapping[str, str]
) -> None:
    """ValueError unless parameters and state have the names and shapes that the model's have."""
    params, state = jax.eval_shape(model.init, jax.random.key(0))
    _compare(path, {"params": params, "state": state}, arrays, keys, with_dtypes=False)


def check_start(
    path,
    start: TrainState,
    arrays: Mapping[str, np.ndarray],
    keys: Mapping[str, str],
    *,
    with_dtypes: bool = True,
) -> None:
    """ValueError unless a TrainState of these shapes can be filled from the arrays."""
    _compare(path, start, arrays, keys, with_dtypes=with_dtypes)


def check_recipe(path, there: Mapping, here: Mapping, accept: Collection[str]) -> None:
    """ValueError if a training would not go on as it was, unless that is accepted."""
    if isinstance(accept, str) or set(accept) - set(ACCEPTABLE):
        raise ValueError(f"accept is some of {', '.join(ACCEPTABLE)}, as accept=['data']")
    for part in ACCEPTABLE:
        found = differing(
            *({part: _decisive(recipe, part, there, here)} for recipe in (there, here))
        )
        if found and part not in accept:
            told = "; ".join(map(str, found[:MOST]))
            raise ValueError(
                f"{path} was trained with other {part}, {told}. Give the same to go on to the "
                f"bit, or say accept=[{part!r}] to go on with these"
            )


def check_names(path, there: Collection[str], here: Collection[str]) -> None:
    """ValueError if a history cannot go on with these metrics."""
    if tuple(there) != tuple(here):
        raise ValueError(
            f"{path} has a history of {', '.join(there)}, and this training one of "
            f"{', '.join(here)}: give the same metrics="
        )


def check_validation(path, names, said: Mapping[str, Any]) -> None:
    """ValueError if the validations cannot go on."""
    then = tuple(said["validation_names"])
    if then and then != tuple(names):
        here = f"this training {'of ' + ', '.join(names) if names else 'none'}"
        raise ValueError(
            f"{path} has validations of {', '.join(then)}, and {here}: give the same validation="
        )


# -- leaves -------------------------------------------------------------------------------------


def _compare(path, template, arrays, keys, *, with_dtypes: bool) -> None:
    here = {name: short(leaf) for name, leaf in named(template).items()}
    parts = template if isinstance(template, dict) else OWNERS
    there = {
        name: _described(array, keys.get(name))
        for name, array in arrays.items()
        if name in here or name.split(".")[0] in parts
    }
    found = list(_differences(there, here, with_dtypes))
    if found:
        owner = OWNERS.get(found[0][0].split(".")[0], "training")
        of = PARTINGS.get(owner, "is of another model")
        more = f"; and {len(found) - MOST} more" if len(found) > MOST else ""
        told = "; ".join(sentence for _, sentence in found[:MOST])
        raise ValueError(f"{path} {of}: {told}{more}")


def _differences(there, here, with_dtypes: bool) -> Iterator[tuple[str, str]]:
    """(name, what differs there)."""
    for name in [*here, *(n for n in there if n not in here)]:
        owner = OWNERS.get(name.split(".")[0], "training")
        if name not in there:
            close = nearest(name, [n for n in there if n not in here]) if there else ""
            hint = close if close.startswith("; did") else ""
            yield name, f"the {owner} has {name} {here[name]}, and the checkpoint has not{hint}"
        elif name not in here:
            yield name, f"the checkpoint has {name} {there[name]}, and the {owner} has not"
        elif not _agree(there[name], here[name], with_dtypes):
            yield name, f"the checkpoint has {name} {there[name]}, the {owner} {here[name]}"


def _agree(there: str, here: str, with_dtypes: bool) -> bool:
    """Shapes must be equal; types as well, or both be of numbers."""
    if with_dtypes or "key" in (there.split("[")[0], here.split("[")[0]):
        return there == here
    return there.split("[")[1:] == here.split("[")[1:]


def _described(array, kind: str | None) -> str:
    """As `short` says it, of a random key without the numbers that it holds."""
    if kind is None:
        return short(array)
    return f"key[{','.join(map(str, array.shape[:-1]))}]"


# -- what a training goes on with ---------------------------------------------------------------


def _decisive(recipe: Mapping, part: str, *both: Mapping) -> Any:
    """What of a part must be the same: of a model the code, for its shapes are compared."""
    if part == "model":
        return recipe[part]["code"]
    versions = [[one["environment"].get(name) for name in ("jax", "optax")] for one in both]
    if part == "optimizer" and versions[0] != versions[1]:
        return recipe[part]["calls"]  # equal calls may be computed otherwise now
    return recipe[part]
