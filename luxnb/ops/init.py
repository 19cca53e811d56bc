"""Initialisers: frozen values that print as their call, `init.kaiming_uniform(1.0)`.

An initialiser is any `f(key, shape) -> array`. Weights have their inputs on all axes but the
last: (in, out) for Dense, (*kernel, in, out) for Conv; `fan_in` is the product of those axes.

K. He et al., Delving Deep into Rectifiers, ICCV 2015 (kaiming).
"""

import dataclasses
import math

import jax
import jax.numpy as jnp

from luxnb.core.config import constructor_call
from luxnb.core.types import Array, Key, Shape


class _Printed:
    """The call that makes it, `init.normal(0.1)`: what users write, and what evaluates to it."""

    def __repr__(self):
        return f"init.{constructor_call(self)}"


def fan_in(shape: Shape) -> int:
    """How many inputs each output of a weight of this shape sums over."""
    return math.prod(shape[:-1])


@dataclasses.dataclass(frozen=True, repr=False)
class zeros(_Printed):
    """All zero."""

    def __call__(self, key: Key, shape: Shape) -> Array:
        return jnp.zeros(shape, jnp.float32)


@dataclasses.dataclass(frozen=True, repr=False)
class ones(_Printed):
    """All one."""

    def __call__(self, key: Key, shape: Shape) -> Array:
        return jnp.ones(shape, jnp.float32)


@dataclasses.dataclass(frozen=True, repr=False)
class normal(_Printed):
    """N(0, std²)."""

    std: float = 1.0

    def __call__(self, key: Key, shape: Shape) -> Array:
        return self.std * jax.random.normal(key, shape, jnp.float32)


@dataclasses.dataclass(frozen=True, repr=False)
class uniform(_Printed):
    """U(-limit, limit)."""

    limit: float = 1.0

    def __call__(self, key: Key, shape: Shape) -> Array:
        return jax.random.uniform(key, shape, jnp.float32, -self.limit, self.limit)


@dataclasses.dataclass(frozen=True, repr=False)
class kaiming_uniform(_Printed):
    """U(-b, b) with b = gain · √(3 / fan_in), so the variance is gain² / fan_in."""

    gain: float = math.sqrt(2)

    def __call__(self, key: Key, shape: Shape) -> Array:
        limit = self.gain * math.sqrt(3 / max(1, fan_in(shape)))
        return jax.random.uniform(key, shape, jnp.float32, -limit, limit)


@dataclasses.dataclass(frozen=True, repr=False)
class kaiming_normal(_Printed):
    """N(0, gain² / fan_in)."""

    gain: float = math.sqrt(2)

    def __call__(self, key: Key, shape: Shape) -> Array:
        std = self.gain / math.sqrt(max(1, fan_in(shape)))
        return std * jax.random.normal(key, shape, jnp.float32)


@dataclasses.dataclass(frozen=True, repr=False)
class fan_in_uniform(_Printed):
    """U(-1/√fan_in, 1/√fan_in): what PyTorch gives the weights of linear and convolution layers."""

    def __call__(self, key: Key, shape: Shape) -> Array:
        return uniform(1 / math.sqrt(max(1, fan_in(shape))))(key, shape)
