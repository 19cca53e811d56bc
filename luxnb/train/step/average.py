"""The exponential moving average of the parameters, which often predicts better than the last."""

import math
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.cast import is_floats
from luxnb.core.tree import Tree


def begin(params: Tree) -> dict[str, Any]:
    """What is remembered before the first step: the parameters themselves, of no step."""
    return {"average": jax.tree.map(_copy, params), "averaged": jnp.int32(0)}


def follow(memory: Tree, params: Tree, decay: float) -> dict[str, Any]:
    """θ̄ₙ = θ̄ₙ₋₁ + (1 - d) / (1 - dⁿ) (θₙ - θ̄ₙ₋₁), the mean of θ₁ … θₙ with weights dⁿ⁻ⁱ.

    That is the usual m ← d m + (1 - d) θ from m = 0, divided by what is missing of it, 1 - dⁿ; in
    this form it is at every step an average that can be used.
    """
    n = memory.averaged + 1
    weight = (1 - decay) / -jnp.expm1(n * jnp.float32(math.log(decay)))

    def move(mean, value):
        if not is_floats(value):
            return value
        return mean + weight.astype(mean.dtype) * (value.astype(mean.dtype) - mean)

    return {"average": jax.tree.map(move, memory.average, params), "averaged": n}


def averaged(ts: Any) -> Tree:
    """The average that a TrainState holds."""
    if "average" not in ts.extras:
        raise ValueError(
            "there is no average of the parameters: have one made by fit(…, average=0.999)"
        )
    return ts.extras.average


def _copy(value):
    """An array of its own, which may be donated beside the parameters, of float32 at least."""
    if not is_floats(value):
        return jnp.copy(value)
    return jnp.array(value, jnp.promote_types(value.dtype, jnp.float32), copy=True)
