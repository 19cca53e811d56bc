"""Initialisers that draw nothing."""

import jax.numpy as jnp

from luxnb.ops.init.filled import Filled
from luxnb.ops.value import is_number


class constant(Filled):
    """All equal to `value`.

    >>> constant(0.5)(jax.random.key(0), (3,))
    Array([0.5, 0.5, 0.5], dtype=float32)
    """

    value: complex

    def check(self):
        if not (is_number(self.value) or (self.is_complex and isinstance(self.value, complex))):
            self.refuse("value", f"a finite number that {self.dtype} can hold")

    def fill(self, key, shape, dtype):
        return jnp.full(shape, self.value, dtype)


class zeros(Filled):
    """All zero."""

    def fill(self, key, shape, dtype):
        return jnp.zeros(shape, dtype)


class ones(Filled):
    """All one."""

    def fill(self, key, shape, dtype):
        return jnp.ones(shape, dtype)


class identity(Filled):
    """Weights with which a layer passes on what it is given, times `gain`.

    (in, out) has `gain` on its diagonal; (*kernel, in, out) has that in the middle of the kernel,
    where a convolution with padding "SAME" finds its own place; a vector, a bias, is zero. Then the
    weight is rolled by `shift`, an int along the last axis, the outputs, or one int for every axis.

    >>> identity(2.0, shift=1)(jax.random.key(0), (2, 3))
    Array([[0., 2., 0.],
           [0., 0., 2.]], dtype=float32)
    """

    gain: float = 1.0
    shift: int | tuple[int, ...] = 0

    def check(self):
        self.number("gain")
        shifts = self.shift if isinstance(self.shift, tuple) else (self.shift,)
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in shifts):
            self.refuse("shift", "an integer or a tuple of them")

    def fill(self, key, shape, dtype):
        if len(shape) < 2:
            return jnp.zeros(shape, dtype)
        if isinstance(self.shift, tuple) and len(self.shift) != len(shape):
            raise ValueError(f"{self!r} shifts {len(self.shift)} axes, got the shape {shape}")
        middle = tuple((size - 1) // 2 for size in shape[:-2])  # as "SAME" pads an even kernel
        diagonal = self.gain * jnp.eye(*shape[-2:], dtype=dtype)
        weight = jnp.zeros(shape, dtype).at[middle].set(diagonal)
        axes = tuple(range(len(shape))) if isinstance(self.shift, tuple) else -1
        return jnp.roll(weight, self.shift, axes)
