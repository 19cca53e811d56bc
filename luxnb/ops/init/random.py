"""Independent random numbers of a given spread."""

import math

import jax
import jax.numpy as jnp

from luxnb.core.types import Array, Key, Shape
from luxnb.ops.init.filled import Filled


class uniform(Filled):
    """U(mean - limit, mean + limit); complex: anywhere in the disc |z - mean| ≤ limit.

    >>> uniform(0.1, dtype=jnp.bfloat16)
    init.uniform(0.1, dtype='bfloat16')
    """

    limit: float = 1.0
    mean: float = 0.0

    def check(self):
        self.number("limit", "≥ 0", low=0)
        self.number("mean")

    def fill(self, key, shape, dtype):
        if self.is_complex:
            return self.mean + self.limit * _in_disc(key, shape, dtype)
        low, high = self.mean - self.limit, self.mean + self.limit
        return jax.random.uniform(key, shape, dtype, low, high)


class normal(Filled):
    """N(mean, std²); complex: E|z - mean|² = std², the same in all directions."""

    std: float = 1.0
    mean: float = 0.0

    def check(self):
        self.number("std", "≥ 0", low=0)
        self.number("mean")

    def fill(self, key, shape, dtype):
        return self.mean + self.std * jax.random.normal(key, shape, dtype)


class truncated_normal(Filled):
    """N(mean, std²), drawn again until it lies in [mean + low · std, mean + high · std].

    `std` is that of the normal distribution, before it is cut: what comes out varies less, between
    ±2 by 0.88 · std. Complex: both parts so, each with std / √2 for std.
    """

    std: float = 1.0
    mean: float = 0.0
    low: float = -2.0
    high: float = 2.0

    def check(self):
        self.number("std", "≥ 0", low=0)
        self.number("mean")
        self.number("low")
        self.number("high", f"> low = {self.low}", low=math.nextafter(self.low, math.inf))

    def fill(self, key, shape, dtype):
        def draw(key, dtype):
            return jax.random.truncated_normal(key, self.low, self.high, shape, dtype)

        if self.is_complex:
            parts = [draw(k, jnp.finfo(dtype).dtype) for k in jax.random.split(key)]
            return self.mean + self.std / math.sqrt(2) * jax.lax.complex(*parts)
        return self.mean + self.std * draw(key, dtype)


def _in_disc(key: Key, shape: Shape, dtype) -> Array:
    """Complex numbers uniform in the unit disc; E|z|² = 1/2."""
    square, turn = jax.random.uniform(key, (2, *shape), jnp.finfo(dtype).dtype)
    radius, angle = jnp.sqrt(square), 2 * math.pi * turn
    return jax.lax.complex(radius * jnp.cos(angle), radius * jnp.sin(angle))
