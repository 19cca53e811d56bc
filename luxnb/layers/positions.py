"""Positions as features: learned, sinusoidal, and as rotations."""

import math
from dataclasses import KW_ONLY

import jax.numpy as jnp
import numpy as np

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.spec import is_array, short
from luxnb.core.types import Initialiser
from luxnb.layers.cache import advance, empty_cache
from luxnb.layers.checks import above_zero, initialisers, positive
from luxnb.ops import init
from luxnb.ops.lookup import lookup
from luxnb.ops.rotary import rotary_table, rotate
from luxnb.ops.shape import along_last


class PositionEmbedding(Layer):
    """Add a learned vector to each place of a sequence: y[…, i, :] = x[…, i, :] + weight[i].

    x and y are (*batch, n, dims) with n ≤ length. After `with_cache` it counts the places of call
    after call, and gives NaN past `length`.

    Parameters: `weight` (length, dims), from N(0, 0.02²) by default.
    State: `cache`, empty, or with `position` () after `with_cache`.

    A. Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021.

    >>> layer = PositionEmbedding(16, 8)
    >>> ps, st = layer.init(0)
    >>> layer(jnp.ones((2, 10, 8)), ps, st)[0].shape
    (2, 10, 8)
    """

    length: int
    dims: int
    _: KW_ONLY
    init_weight: Initialiser = init.normal(0.02)

    def check(self):
        positive(self, "length", "dims")
        initialisers(self, "init_weight")

    def init_params(self, key):
        return {"weight": self.init_weight(key_for(key, "weight"), (self.length, self.dims))}

    def init_state(self, key):
        return {"cache": empty_cache(lambda room: {"position": jnp.zeros((), jnp.int32)})}

    def forward(self, x, ps, st):
        shape = getattr(x, "shape", ())
        if len(shape) < 2 or shape[-2] > self.length or shape[-1] != self.dims:
            raise ValueError(
                f"expected x of shape (…, n ≤ {self.length}, {self.dims}); got {short(x)}"
            )
        if not st.cache:
            return x + along_last(ps.weight[: shape[-2]], x), st
        rows = lookup(ps.weight, st.cache.position + jnp.arange(shape[-2]))
        st.cache, _ = advance(st.cache, shape[-2], self.length)
        return x + along_last(rows, x), st


class SinusoidalEmbedding(Layer):
    """Numbers as waves: y[…] = scale · (sin(σ₁ x), …, sin(σ_h x), cos(σ₁ x), …, cos(σ_h x)).

    x is an array of numbers, positions or times, of any shape (…); y is (…, dims) with h = dims / 2
    frequencies σ, evenly spaced in their logarithm from `max_frequency` down to `min_frequency`;
    `full_turns` counts them in turns (2π) rather than radians. `scale=None` is √(2 / dims), which
    makes each vector of length 1. Integers give float32.

    Parameters: none. State: none.

    A. Vaswani et al., Attention Is All You Need, NeurIPS 2017.

    >>> layer = SinusoidalEmbedding(4, scale=1.0)
    >>> layer(jnp.array(1.0), *layer.init(0))[0]  # sin 1, sin 0.0001, cos 1, cos 0.0001
    Array([8.4147096e-01, 9.9999997e-05, 5.4030228e-01, 1.0000000e+00],      dtype=float32)
    """

    dims: int
    _: KW_ONLY
    min_frequency: float = 1e-4
    max_frequency: float = 1.0
    scale: float | None = None
    full_turns: bool = False

    def check(self):
        even(self, "dims")
        above_zero(self, "min_frequency", "max_frequency")

    def forward(self, x, ps, st):
        if not is_array(x) or not _is_number(x.dtype):
            raise TypeError(f"expected x to be an array of numbers, got {short(x)}")
        x = jnp.asarray(x)
        if not jnp.issubdtype(x.dtype, jnp.floating):
            x = x.astype(jnp.float32)
        ends = math.log(self.max_frequency), math.log(self.min_frequency)
        frequencies = np.exp(np.linspace(*ends, self.dims // 2))
        if self.full_turns:
            frequencies *= 2 * math.pi
        scale = math.sqrt(2 / self.dims) if self.scale is None else self.scale
        turns = x.astype(jnp.promote_types(x.dtype, jnp.float32))[..., None]
        angles = turns * along_last(jnp.asarray(frequencies, turns.dtype), turns)
        y = scale * jnp.concatenate([jnp.sin(angles), jnp.cos(angles)], axis=-1)
        return y.astype(x.dtype), st


def _is_number(dtype) -> bool:
    return jnp.issubdtype(dtype, jnp.floating) or jnp.issubdtype(dtype, jnp.integer)


class RotaryEmbedding(Layer):
    """Turn pairs of features by angles that grow with the position, for queries and keys whose
    product then depends on how far apart they are.

    x₁, x₂ are the halves of the last axis (not its neighbours), i from 0 to dims / 2 - 1:
    y = (x₁ cos θ - x₂ sin θ, x₂ cos θ + x₁ sin θ), θ[p, i] = p · base^(-2i / dims).

    x and y are (*batch, length, heads, dims), at the positions 0 to length - 1; or x is a pair
    (x, positions), with integers of shape (length,) or (*batch, length). A position from
    `max_length` on, or a negative one, gives NaN.

    Parameters: none. State: none.

    J. Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021.

    >>> layer = RotaryEmbedding(2)
    >>> x = jnp.array([1.0, 0.0]).reshape(1, 1, 1, 2)
    >>> layer((x, jnp.array([3])), *layer.init(0))[0].ravel()  # cos 3, sin 3
    Array([-0.9899925,  0.14112  ], dtype=float32)
    """

    dims: int
    _: KW_ONLY
    base: float = 10000.0
    max_length: int = 4096

    def check(self):
        even(self, "dims")
        positive(self, "max_length")
        above_zero(self, "base")

    def forward(self, x, ps, st):
        x, positions = x if isinstance(x, tuple) and len(x) == 2 else (x, None)
        shape = getattr(x, "shape", ())
        if len(shape) < 3 or shape[-1] != self.dims:
            raise ValueError(
                f"expected x of shape (…, length, heads, {self.dims}), dims = {self.dims}; "
                f"got {short(x)}"
            )
        x = jnp.asarray(x)
        precise = jnp.promote_types(x.dtype, jnp.float32)
        tables = rotary_table(self.max_length, self.dims, self.base, precise)
        if positions is None:
            if shape[-3] > self.max_length:
                raise ValueError(
                    f"RotaryEmbedding.max_length is {self.max_length}; got x of shape {shape}"
                )
            turns = (jnp.asarray(table[: shape[-3]]) for table in tables)
        else:
            _check_positions(positions, shape[:-2])
            turns = (lookup(jnp.asarray(table), positions) for table in tables)
        cos, sin = (along_last(turn[..., None, :], x) for turn in turns)  # the same for all heads
        return rotate(x, cos, sin), st


def _check_positions(positions, places: tuple[int, ...]) -> None:
    given = getattr(positions, "shape", None)
    if given not in (places, places[-1:]) or not jnp.issubdtype(positions.dtype, jnp.integer):
        raise ValueError(
            f"expected positions as integers of shape {places[-1:]} or {places}; "
            f"got {short(positions)}"
        )


def even(layer, name: str) -> None:
    """The named field is a positive even int."""
    positive(layer, name)
    if getattr(layer, name) % 2:
        raise ValueError(f"{type(layer).__name__}.{name} must be even, got {getattr(layer, name)}")
