"""Loss scaling: what keeps the small gradients of float16 from becoming zero."""

import math
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.spec import short
from luxnb.core.tree import Tree

LARGEST = 2.0**24


@dataclass(frozen=True)
class LossScale:
    """∇_θ (s · loss) / s, with a scale s that follows the gradients.

    It begins at `initial`, and is multiplied by `factor` after `period` steps in a row with finite
    gradients. A step whose gradients are not finite is skipped, and divides the scale by `factor`:
    parameters, optimiser state and the model's state stay as they were, except that random keys
    move on, and the step is counted. The scale stays between 1 and 2²⁴; with `factor=1` it is
    constant. The history has it as "loss_scale".

    P. Micikevicius et al., Mixed Precision Training, ICLR 2018.

    >>> LossScale()
    LossScale(initial=32768.0, period=2000, factor=2.0)
    """

    initial: float = 2.0**15
    period: int = 2000
    factor: float = 2.0

    def __post_init__(self):
        for name in ("initial", "factor"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 1 <= value < math.inf:
                raise ValueError(f"LossScale.{name} must be a number ≥ 1, got {short(value)}")
            object.__setattr__(self, name, float(value))  # equal scales print alike
        if not isinstance(self.period, int) or isinstance(self.period, bool) or self.period < 1:
            raise ValueError(
                f"LossScale.period must be a positive integer, got {short(self.period)}"
            )

    def begin(self) -> Tree:
        """What is remembered before the first step: the scale, and how many steps were good."""
        return Tree(scale=jnp.float32(self.initial), good=jnp.int32(0))

    def follow(self, memory: Tree, finite: Any) -> Tree:
        """What is remembered after a step, whose gradients were finite or not."""
        scale, good = memory.scale, memory.good + 1
        grown = good >= self.period
        up = jnp.where(grown, jnp.minimum(scale * self.factor, max(LARGEST, self.initial)), scale)
        down = jnp.maximum(scale / self.factor, 1.0)
        return Tree(
            scale=jnp.where(finite, up, down),
            good=jnp.where(finite & ~grown, good, 0),
        )


def all_finite(gradients: Any) -> Any:
    """Whether every number of every gradient is finite."""
    return jnp.all(jnp.stack([jnp.isfinite(g).all() for g in jax.tree.leaves(gradients)]))
