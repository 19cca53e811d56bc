"""Initialisers: frozen values that print as their call, `init.kaiming_uniform(gain=1.0)`.

An initialiser is any `f(key, shape) -> array`. Weights have their inputs on all axes but the
last: (in, out) for Dense, (*kernel, in, out) for Conv; `fan_in` is the product of those axes.

K. He et al., Delving Deep into Rectifiers, ICCV 2015 (kaiming).
"""

import dataclasses
import math

import jax
import jax.numpy as jnp

from luxnb.core.types import Array, Key, Shape


def fan_in(shape: Shape) -> int:
    """How many inputs each output of a weight of this shape sums over."""
    return math.prod(shape[:-1])


@dataclasses.dataclass(frozen=True)
class zeros:
    """All zero."""

    def __call__(self, key: Key, shape: Shape) -> Array:
        return jnp.zeros(shape, jnp.float32)


@dataclasses.dataclass(frozen=True)
class ones:
    """All one."""

    def __call__(self, key: Key, shape: Shape) -> Array:
        return jnp.ones(shape, jnp.float32)


@dataclasses.dataclass(frozen=True)
class normal:
    """N(0, std²)."""

    std: float = 1.0

    def __call__(self, key: Key, shape: Shape) -> Array:
        return self.std * jax.random.normal(key, shape, jnp.float32)


@dataclasses.dataclass(frozen=True)
class uniform:
    """U(-limit, limit)."""

    limit: float = 1.0

    def __call__(self, key: Key, shape: Shape) -> Array:
        return jax.random.uniform(key, shape, jnp.float32, -self.limit, self.limit)


@dataclasses.dataclass(frozen=True)
class kaiming_uniform:
    """U(-b, b) with b = gain · √(3 / fan_in), so the variance is gain² / fan_in."""

    gain: float = math.sqrt(2)

    def __call__(self, key: Key, shape: Shape) -> Array:
        limit = self.gain * math.sqrt(3 / max(1, fan_in(shape)))
        return jax.random.uniform(key, shape, jnp.float32, -limit, limit)


@dataclasses.dataclass(frozen=True)
class kaiming_normal:
    """N(0, gain² / fan_in)."""

    gain: float = math.sqrt(2)

    def __call__(self, key: Key, shape: Shape) -> Array:
        std = self.gain / math.sqrt(max(1, fan_in(shape)))
        return std * jax.random.normal(key, shape, jnp.float32)


@dataclasses.dataclass(frozen=True)
class fan_in_uniform:
    """U(-1/√fan_in, 1/√fan_in): what PyTorch gives the weights of linear and convolution layers."""

    def __call__(self, key: Key, shape: Shape) -> Array:
        return uniform(1 / math.sqrt(max(1, fan_in(shape))))(key, shape)
