"""Options of a step as data for JSON, and back: they are arguments of `fit`."""

import dataclasses
from typing import Any

from luxnb.core.tree import nearest
from luxnb.train.recipe.functions import describe_function, find_function
from luxnb.train.recipe.values import decoded, encoded
from luxnb.train.step.loss_scale import LossScale
from luxnb.train.step.options import PLAIN, Options


def describe_options(options: Options) -> dict[str, Any]:
    """Each by its name."""
    return {name: encoded(value, _other) for name, value in options.keywords.items()}


def options_of(described: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `fit`; ValueError says which cannot be made."""
    known = PLAIN.keywords
    for name in described:
        if name not in known:
            raise ValueError(f"luxnb has no option {name!r} of a step{nearest(name, known)}")
    return {name: decoded(value, name, _made) for name, value in described.items()}


def _other(value: Any) -> dict[str, Any]:
    if isinstance(value, LossScale):
        return {"call": "luxnb.LossScale", "named": dataclasses.asdict(value)}
    return describe_function(value)


def _made(described: dict, where: str) -> Any:
    if described.get("call") != "luxnb.LossScale":
        return find_function(described, where)
    try:
        return LossScale(**described["named"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{where} of the recipe is no LossScale: {error}") from None
