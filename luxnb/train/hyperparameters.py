"""Hyper-parameters that optax keeps in the optimiser's state, where they can be read and set.

`optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)` makes such an optimiser. What is set is
an array of the state, so nothing is compiled again.
"""

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.spec import short
from luxnb.core.tree import nearest


def hyperparameters(optimizer_state: Any) -> dict[str, Any]:
    """All that were injected, by name; where a name occurs more than once, the first."""
    found: dict[str, Any] = {}
    for part in _injected(optimizer_state):
        for name, value in part.hyperparams.items():
            found.setdefault(name, value)
    return found


def recorded(optimizer_state: Any) -> dict[str, Any]:
    """Those whose course is worth a curve: the learning rate, and what follows a schedule."""
    scheduled = {name for part in _injected(optimizer_state) for name in _schedules(part)}
    wanted = scheduled | {"learning_rate"}
    return {
        name: value
        for name, value in hyperparameters(optimizer_state).items()
        if name in wanted and jnp.shape(value) == ()
    }


def with_hyperparameters(optimizer_state: Any, values: Mapping[str, Any]) -> Any:
    """The same state with these values, wherever their names occur."""

    def change(part):
        if not _is_injected(part):
            return part
        changed = {
            name: jnp.asarray(values[name], value.dtype) if name in values else value
            for name, value in part.hyperparams.items()
        }
        inner = with_hyperparameters(part.inner_state, values)
        return part._replace(hyperparams=changed, inner_state=inner)

    return jax.tree.map(change, optimizer_state, is_leaf=_is_injected)


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
    parts = list(_injected(optimizer_state))
    for name, value in values.items():
        if name not in there:
            raise ValueError(f"no hyper-parameter {name!r}{nearest(name, there)}")
        if any(name in _schedules(part) for part in parts):
            raise ValueError(
                f"{name} follows a schedule, which would overwrite it at the next step; "
                f"give a number instead of the schedule to set it by hand"
            )
        _check_number(name, value, there[name])
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


def _is_injected(part) -> bool:
    return hasattr(part, "hyperparams") and hasattr(part, "inner_state")


def _injected(optimizer_state):
    """Every state of `inject_hyperparams`, outside in."""
    for part in jax.tree.leaves(optimizer_state, is_leaf=_is_injected):
        if _is_injected(part):
            yield part
            yield from _injected(part.inner_state)


def _schedules(part) -> frozenset[str]:
    return frozenset(getattr(part, "hyperparams_states", ()))
