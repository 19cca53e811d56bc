"""Random weights whose numbers depend on each other: (in, out), or (*kernel, in, out) as one matrix
(kernel · in, out)."""

import math

import jax
import jax.numpy as jnp

from luxnb.core.types import Shape
from luxnb.ops.init.fans import fan_in
from luxnb.ops.init.filled import Filled


class orthogonal(Filled):
    """A matrix with orthonormal columns, or rows where they are the shorter, times `gain`.

    All such matrices are equally probable. Complex: unitary.

    A. M. Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks, ICLR 2014.
    """

    gain: float = 1.0

    def check(self):
        self.number("gain")

    def fill(self, key, shape, dtype):
        _matrix(self, shape)
        return jax.nn.initializers.orthogonal(self.gain)(key, shape, dtype)


class sparse(Filled):
    """N(0, std²), where each output ignores ⌈sparsity · fan_in⌉ of its inputs, chosen at random.

    J. Martens, Deep learning via Hessian-free optimization, ICML 2010.
    """

    sparsity: float
    std: float = 0.01

    def check(self):
        self.number("sparsity", "in [0, 1]", low=0, high=1)
        self.number("std", "≥ 0", low=0)

    def fill(self, key, shape, dtype):
        _matrix(self, shape)
        inputs = fan_in(shape)
        ignored = math.ceil(self.sparsity * inputs - 1e-9)  # 0.1 · 30 is a little more than 3
        for_values, for_places = jax.random.split(key)
        places = jnp.broadcast_to(jnp.arange(inputs)[:, None], (inputs, shape[-1]))
        places = jax.random.permutation(for_places, places, axis=0, independent=True)
        values = self.std * jax.random.normal(for_values, shape, dtype)
        return jnp.where(places.reshape(shape) < ignored, 0, values)


def _matrix(initialiser, shape: Shape) -> None:
    if len(shape) < 2:
        raise ValueError(f"{initialiser!r} needs a shape (…, in, out), got {shape}")
