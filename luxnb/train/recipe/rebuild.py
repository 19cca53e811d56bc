"""Optimisers from a recipe: only calls of named functions of optax, with plain values.

Nothing is evaluated, and nothing is looked up that is not in the lists below.
"""

from typing import Any

import optax

from luxnb.core.tree import nearest
from luxnb.train.recipe.values import decoded

TRANSFORMATIONS = (
    "adabelief", "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamaxw", "adamw",
    "adan", "adaptive_grad_clip", "add_decayed_weights", "add_noise", "amsgrad", "apply_every",
    "apply_if_finite", "centralize", "chain", "clip", "clip_by_block_rms",
    "clip_by_global_norm", "ema", "flatten", "freeze", "fromage", "identity",
    "keep_params_nonnegative", "lamb", "lars", "lion", "masked", "nadam", "nadamw", "noisy_sgd",
    "normalize_by_update_norm", "novograd", "optimistic_adam_v2", "optimistic_gradient_descent",
    "partition", "polyak_sgd", "radam", "rmsprop", "rprop", "scale", "scale_by_adadelta",
    "scale_by_adam", "scale_by_adamax", "scale_by_adan", "scale_by_amsgrad", "scale_by_belief",
    "scale_by_factored_rms", "scale_by_learning_rate", "scale_by_lion", "scale_by_novograd",
    "scale_by_optimistic_gradient", "scale_by_param_block_norm", "scale_by_param_block_rms",
    "scale_by_polyak", "scale_by_radam", "scale_by_rms", "scale_by_rprop", "scale_by_rss",
    "scale_by_schedule", "scale_by_sign", "scale_by_sm3", "scale_by_stddev",
    "scale_by_trust_ratio", "scale_by_yogi", "set_to_zero", "sgd", "sign_sgd", "signum", "sm3",
    "trace", "yogi", "zero_nans",
)  # fmt: skip
SCHEDULES = (
    "constant_schedule", "cosine_decay_schedule", "cosine_onecycle_schedule",
    "exponential_decay", "join_schedules", "linear_onecycle_schedule", "linear_schedule",
    "piecewise_constant_schedule", "piecewise_interpolate_schedule", "polynomial_schedule",
    "sgdr_schedule", "warmup_constant_schedule", "warmup_cosine_decay_schedule",
    "warmup_exponential_decay_schedule",
)  # fmt: skip
KNOWN = frozenset(f"optax.{name}" for name in TRANSFORMATIONS + SCHEDULES)


def rebuild_optimizer(calls: Any, where: str = "optimizer") -> Any:
    """What these calls make; ValueError says what the recipe has that is not allowed."""
    if not isinstance(calls, dict) or "call" not in calls:
        raise ValueError(
            f"the recipe says too little of the {where} to make it again: "
            "give it as an argument, as optimizer=optax.adam(1e-3)"
        )
    name = calls["call"]
    positional, named = calls.get("positional", []), calls.get("named", {})
    if not isinstance(positional, list) or not isinstance(named, dict):
        raise ValueError(f"{where} must have a list of positional arguments and a dict of named")
    inner = f"{where}.{str(name).removeprefix('optax.')}"
    arguments = [_value(v, f"{inner}[{i}]") for i, v in enumerate(positional)]
    keywords = {k: _value(v, f"{inner}.{k}") for k, v in named.items()}
    try:
        return _function(name, calls, where)(*arguments, **keywords)
    except Exception as error:  # optax checks little, and raises what it meets
        raise ValueError(
            f"{where}: {name} does not take what the recipe gives it: {error}"
        ) from None


def _function(name: Any, calls: dict, where: str) -> Any:
    if name == "optax.inject_hyperparams":
        dtype = decoded(calls.get("hyperparam_dtype"), where)
        return optax.inject_hyperparams(_known(calls.get("factory"), where), (), dtype)
    return _known(name, where)


def _known(name: Any, where: str) -> Any:
    if not isinstance(name, str) or name not in KNOWN or not hasattr(optax, name[6:]):
        raise ValueError(
            f"{where}: {name!r:.60} is none of the functions of optax that a recipe may call"
            f"{nearest(name, KNOWN) if isinstance(name, str) else ''}"
        )
    return getattr(optax, name[6:])


def _value(data: Any, where: str) -> Any:
    return decoded(data, where, rebuild_optimizer)
