"""The grid of a sweep: every combination of seeds and hyper-parameters, each a member."""

import itertools
import operator
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import numpy as np

from luxnb.core.spec import short
from luxnb.train.feed.source import Permuted
from luxnb.train.step.hyperparameters import check_values
from luxnb.train.task import Task


def grid(task: Task, seeds: Iterable[int] | None, values: Mapping[str, Any]) -> tuple[dict, ...]:
    """What differs in each member: the product, in which the seeds change fastest."""
    if seeds is None and not values:
        raise ValueError("say what differs: seeds=range(8), or learning_rate=[1e-3, 3e-3]")
    if seeds is not None and task.begin is not None and not _shuffled(task):
        raise ValueError(
            "seeds make no difference here: the run begins with given parameters, and its data "
            "come in the order of the stream; sweep over a hyper-parameter"
        )
    axes = _values(task, values)
    if seeds is not None:
        axes["seed"] = _seeds(seeds)
    combinations = itertools.product(*axes.values())
    members = [dict(zip(axes, combination, strict=True)) for combination in combinations]
    if seeds is not None:  # the seed is named first
        members = [{"seed": member.pop("seed"), **member} for member in members]
    return tuple(members)


def named(member: Mapping[str, Any]) -> str:
    """`seed=0, learning_rate=0.001`."""
    return ", ".join(f"{name}={_shown(value)}" for name, value in member.items())


def _shuffled(task: Task) -> bool:
    """Whether each member draws its own order of the rows."""
    return isinstance(task.feed.source, Permuted)


def _seeds(seeds: Iterable[int]) -> list[int]:
    if isinstance(seeds, str | bytes | Mapping) or not hasattr(seeds, "__iter__"):
        raise TypeError(f"seeds must be several integers, as range(8), got {short(seeds)}")
    found: list[int] = []
    for seed in seeds:
        try:
            number = operator.index(seed)
        except TypeError:
            number = None
        if number is None or isinstance(seed, bool | np.bool_):
            raise TypeError(f"seeds must be integers, as range(8), got {short(seed)}")
        if number in found:
            raise ValueError(f"seed {number} occurs twice: its members would be the same")
        found.append(number)
    if not found:
        raise ValueError("seeds is empty; write seeds=range(8)")
    return found


def _values(task: Task, values: Mapping[str, Any]) -> dict[str, list]:
    state = jax.eval_shape(task.start).optimizer_state
    axes: dict[str, list] = {}
    for name, several in values.items():
        check_values(state, {name: _first(name, several)})
        each = [check_values(state, {name: value})[name] for value in several]
        twice = next((value for i, value in enumerate(each) if value in each[:i]), None)
        if twice is not None:
            raise ValueError(f"{name}={_shown(twice)} occurs twice: its members would be the same")
        axes[name] = each
    return axes


def _first(name: str, several: Any) -> Any:
    """The first of several values; of what is not several, a value that is checked as one."""
    one = isinstance(several, str | bytes | Mapping) or not hasattr(several, "__iter__")
    if one or getattr(several, "shape", None) == ():
        raise TypeError(f"{name} must be several values, as [1e-3, 3e-3], got {short(several)}")
    if not hasattr(several, "__len__"):
        raise TypeError(f"{name} must be a list or an array of values, got {short(several)}")
    if not len(several):
        raise ValueError(f"{name} is empty: give at least one value")
    return several[0]


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
