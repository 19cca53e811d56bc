"""Hyper-parameters that optax keeps in the optimiser's state, where they can be read and set.

`optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)` makes such an optimiser. What is set is
an array of the state, so nothing is compiled again.

A name that occurs once is the hyper-parameter's. Where several parts of an optimiser have the same,
each is known by its group, `learning_rate_head` of the "head" of an `optax.partition`, or else by
its number, `learning_rate_2`; the name alone stands for all of them.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import short
from luxnb.core.tree import nearest


def hyperparameters(optimizer_state: Any) -> dict[str, Any]:
    """All that were injected, by name; a name that stands for several has the first."""
    found: dict[str, Any] = {}
    for entry in _entries(optimizer_state):
        found.setdefault(entry.name, entry.value)
        found[entry.full_name] = entry.value
    return found


def recorded(optimizer_state: Any) -> dict[str, Any]:
    """Those whose course is worth a curve: the learning rate, and what follows a schedule."""
    return {
        entry.full_name: entry.value
        for entry in _entries(optimizer_state)
        if (entry.scheduled or entry.name == "learning_rate") and jnp.shape(entry.value) == ()
    }


def with_hyperparameters(optimizer_state: Any, values: Mapping[str, Any]) -> Any:
    """The same state with these values; of two that mean the same, the later."""
    changed: dict[tuple, dict[str, Any]] = {}
    for entry in _entries(optimizer_state):
        for name in values:
            if name in (entry.name, entry.full_name):
                value = jnp.asarray(values[name], entry.value.dtype)
                changed.setdefault(entry.path, {})[entry.name] = value
    return _exchanged(optimizer_state, (), changed)


def check_values(optimizer_state: Any, values: Mapping[str, Any]) -> dict[str, float | list]:
    """The values as plain numbers, once it is seen that they can be set."""
    there = hyperparameters(optimizer_state)
    if not there:
        raise ValueError(
            "the optimiser keeps its hyper-parameters to itself; to set them while it runs, write "
            "optimizer=optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)"
        )
    if not values:
        raise ValueError(f"say what to set, one of {', '.join(there)}")
    entries = list(_entries(optimizer_state))
    for name, value in values.items():
        if name not in there:
            raise ValueError(f"no hyper-parameter {name!r}{nearest(name, there)}")
        meant = [entry for entry in entries if name in (entry.name, entry.full_name)]
        if any(entry.scheduled for entry in meant):
            raise ValueError(
                f"{name} follows a schedule, which would overwrite it at the next step; "
                f"give a number instead of the schedule to set it by hand"
            )
        for entry in meant:
            _check_number(name, value, entry.value)
    return {name: np.asarray(value).tolist() for name, value in values.items()}


def _check_number(name: str, value, now) -> None:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.asarray(math.nan)
    if not np.isfinite(array).all() or isinstance(value, bool):
        raise ValueError(f"{name} must be a finite number, got {short(value)}")
    if array.shape != jnp.shape(now):
        raise ValueError(f"{name} must have shape {jnp.shape(now)}, got {array.shape}")


# -- where they are kept ------------------------------------------------------------------------


class _Entry(NamedTuple):
    """One hyper-parameter: the part of the state that has it, its name there, and the full one."""

    path: tuple
    name: str
    value: Any
    scheduled: bool
    full_name: str


def _entries(optimizer_state: Any) -> list[_Entry]:
    entries = [
        _Entry(path, name, value, name in getattr(part, "hyperparams_states", ()), name)
        for path, part in _injected(optimizer_state, ())
        for name, value in part.hyperparams.items()
    ]
    return [_told_apart(entry, entries) for entry in entries]


def _told_apart(entry: _Entry, entries: list[_Entry]) -> _Entry:
    """The entry with a name that no other has."""
    same = [other.path for other in entries if other.name == entry.name]
    if len(same) == 1:
        return entry
    groups = [_group(path) for path in same]
    number = same.index(entry.path)
    ending = groups[number] if all(groups) and len(set(groups)) == len(same) else number + 1
    return entry._replace(full_name=f"{entry.name}_{ending}")


def _group(path: tuple) -> str:
    """The names of the groups on the way to a part, as `optax.partition` has them."""
    return "_".join(str(key.key) for key in path if isinstance(key, jax.tree_util.DictKey))


def _is_injected(part) -> bool:
    return hasattr(part, "hyperparams") and hasattr(part, "inner_state")


def _injected(optimizer_state: Any, above: tuple) -> Iterator[tuple[tuple, Any]]:
    """The path and the state of every `inject_hyperparams`, outside in."""
    parts = jax.tree_util.tree_leaves_with_path(optimizer_state, is_leaf=_is_injected)
    for path, part in parts:
        if _is_injected(part):
            yield above + path, part
            yield from _injected(part.inner_state, above + path)


def _exchanged(optimizer_state: Any, above: tuple, changed: Mapping[tuple, dict[str, Any]]) -> Any:
    def exchange(path, part):
        if not _is_injected(part):
            return part
        values = {**part.hyperparams, **changed.get(above + path, {})}
        inner = _exchanged(part.inner_state, above + path, changed)
        return part._replace(hyperparams=values, inner_state=inner)

    return jax.tree_util.tree_map_with_path(exchange, optimizer_state, is_leaf=_is_injected)
