"""Optimisers in a recipe: the calls of optax that make one, read from what its functions hold.

optax.adam(1e-3) is a chain of two transformations, and each is two functions that remember the
arguments of the call that made them. What cannot be read is asked for; the digest decides.
"""

import dataclasses
import inspect
from typing import Any

import jax
import optax

from luxnb.train.recipe.digest import digest_program, digest_text
from luxnb.train.recipe.functions import describe_function, held
from luxnb.train.recipe.values import encoded
from luxnb.train.state import NOTHING, TrainState
from luxnb.train.step.step import apply_gradients


def describe_optimizer(optimizer: Any, ts: TrainState) -> dict[str, Any]:
    """The calls, and the digest of what they compute for such a TrainState."""
    return {"calls": _transformation(optimizer), "sha256": digest_optimizer(optimizer, ts)}


def digest_optimizer(optimizer: Any, ts: TrainState) -> str:
    """Of the programs that make the optimiser's state, and apply gradients; `ts` is of shapes."""
    init, made = jax.make_jaxpr(optimizer.init, return_shape=True)(ts.params)
    ts = dataclasses.replace(ts, optimizer_state=made, extras=NOTHING)
    loss = jax.ShapeDtypeStruct((), "float32")

    def update(ts, gradients, loss):
        return apply_gradients(ts, optimizer, gradients, loss=loss)

    programs = init, jax.make_jaxpr(update)(ts, ts.params, loss)
    return digest_text(" ".join(map(digest_program, programs)))


def _transformation(optimizer: Any) -> dict[str, Any]:
    """The call that made a transformation of gradients."""
    update, init = optimizer.update, optimizer.init
    name, inside = _factory(update), held(init) | held(update)
    if name == "with_extra_args_support":
        return _transformation(inside["tx"])
    if name == "chain":
        pairs = zip(inside["init_fns"], inside["update_fns"], strict=True)
        parts = [_transformation(optax.GradientTransformation(*pair)) for pair in pairs]
        return {"call": "optax.chain", "positional": parts}
    if name == "inject_hyperparams":
        return _injected(inside)
    step_size = inside.get("step_size_fn")
    if name == "scale_by_schedule" and _factory(step_size) == "scale_by_learning_rate":
        return _scheduled(held(step_size))
    return _call(name, inside) or {"unknown": describe_function(update)}


def _injected(inside: dict[str, Any]) -> dict[str, Any]:
    """optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)."""
    schedules = {name: wrapped.schedule_fn for name, wrapped in inside["sched_hps"].items()}
    arguments = inside["numeric_hps"] | schedules | inside["other_hps"]
    factory = inside["inner_factory"]
    name = getattr(factory, "__name__", "")
    if getattr(optax, name, None) is not factory:
        return {"unknown": describe_function(factory), "named": _encoded(arguments)}
    described = {"call": "optax.inject_hyperparams", "factory": f"optax.{name}"}
    if inside["hyperparam_dtype"] is not None:
        described["hyperparam_dtype"] = _encode(inside["hyperparam_dtype"])
    return described | {"named": _encoded(arguments)}


def _scheduled(inside: dict[str, Any]) -> dict[str, Any]:
    arguments = {"learning_rate": inside["learning_rate"], "flip_sign": inside["m"] == -1}
    return {"call": "optax.scale_by_learning_rate", "named": _encoded(arguments)}


def _encode(value: Any) -> Any:
    return encoded(value, _other)


def _encoded(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: _encode(value) for name, value in arguments.items()}


def _other(value: Any) -> Any:
    """A transformation or a schedule that is an argument of another."""
    if hasattr(value, "init") and hasattr(value, "update"):
        return _transformation(value)
    if callable(value):
        return _call(_factory(value), held(value)) or {"unknown": describe_function(value)}
    return {"unknown": {"name": type(value).__name__}}


def _call(name: str | None, inside: dict[str, Any]) -> dict[str, Any] | None:
    """The call of a function of optax, with those of its arguments that were held on to."""
    factory = getattr(optax, name or "", None)
    if not inspect.isfunction(factory):
        return None
    arguments = {
        p.name: inside[p.name]
        for p in inspect.signature(factory).parameters.values()
        if p.name in inside and not (callable(p.default) and inside[p.name] is p.default)
    }
    return {"call": f"optax.{name}", "named": _encoded(arguments)}


def _factory(function: Any) -> str | None:
    """The function of optax in which this one was made: `scale_by_adam.<locals>.update_fn`."""
    module = getattr(function, "__module__", None) or ""
    name, *inside = getattr(function, "__qualname__", "").split(".<locals>.")
    return name if inside and module.split(".")[0] == "optax" else None
