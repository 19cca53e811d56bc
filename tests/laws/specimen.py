"""A specimen: a layer, an input, and the names and shapes of what it must make."""

import functools
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import luxnb as lx

TRAIN = lx.Mode.TRAIN


@dataclass(frozen=True)
class Ints:
    """Stands for an array of integers from 0 to `below`, of that shape."""

    shape: tuple[int, ...]
    below: int


@dataclass(frozen=True)
class Bools:
    """Stands for an array of True and False, of that shape, not all of them False."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Specimen:
    """A layer, the shape of an input, and the shapes of its parameters and state by name.

    In `shape`, a tuple of ints is an array of floats, `Ints` and `Bools` are what they say; tuples
    and dicts of them nest. In `state`, a tuple is the shape of an array, "key" is a random key,
    and a Mode is itself.
    """

    name: str
    layer: lx.Layer
    shape: Any
    params: dict = field(default_factory=dict)
    state: dict = field(default_factory=dict)
    draws: bool | None = None  # whether init is random; None: as names say (weight…, key)
    precision: float = 1e-6  # of its gradients, given float64: coarser where it computes in less
    remembers: bool = False  # whether it writes state in any mode: a carry, a cache, a counter

    @functools.cached_property
    def x(self):
        """An input, always the same one."""
        return self.inputs(1)[0]

    def inputs(self, count: int) -> list:
        """Different inputs."""
        rng = np.random.default_rng(0)

        def one(shape):
            if isinstance(shape, Ints):
                return jnp.asarray(rng.integers(0, shape.below, shape.shape), jnp.int32)
            if isinstance(shape, Bools):
                return jnp.asarray(rng.random(shape.shape) < 0.7).at[..., 0].set(True)
            return jnp.asarray(rng.normal(size=shape), jnp.float32)

        return [jax.tree.map(one, self.shape, is_leaf=is_shape) for _ in range(count)]

    @functools.cached_property
    def made(self):
        """Parameters and state."""
        return self.layer.init(0)


def is_shape(value) -> bool:
    if isinstance(value, Ints | Bools):
        return True
    return isinstance(value, tuple) and all(isinstance(n, int) for n in value)


@jax.jit
def compiled(layer, x, ps, st):
    """One call of any layer, compiled once a specimen for all laws."""
    return layer(x, ps, st)


# -- shapes that many layers share -----------------------------------------------------------------


def affine(n_in, n_out):
    return {"weight": (n_in, n_out), "bias": (n_out,)}


def kernel(*shape):
    return {"weight": shape, "bias": (shape[-1],)}


def scaled(n):
    return {"scale": (n,), "bias": (n,)}


def running(n):
    return {"running_mean": (n,), "running_var": (n,), "mode": TRAIN}


DROP = {"key": "key", "mode": TRAIN}
