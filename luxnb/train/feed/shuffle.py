"""The order of rows in an epoch: a keyed permutation, computed for just the rows that are needed.

Sorting random numbers costs more than a step of a small model. A block cipher on the row numbers
needs neither a sort nor memory, and knows the row at any position of any epoch at once.

M. Luby, C. Rackoff, How to construct pseudorandom permutations from pseudorandom functions, 1988.
J. Black, P. Rogaway, Ciphers with arbitrary finite domains, 2002 (cycle walking).
"""

import math

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.types import Array, Key

_ROUNDS = 6


def round_keys(key: Key, epoch: Array) -> Array:
    """The numbers that select the permutation of one epoch, (rounds,) of uint32."""
    return jax.random.bits(jax.random.fold_in(key, epoch), (_ROUNDS,))


def rows_at(keys: Array, positions: Array, n: int) -> Array:
    """π(positions), where π is the permutation of 0 … n-1 that `keys` select."""
    left, right = _rectangle(n)
    rows = _cipher(keys, positions.astype(jnp.uint32), left, right)
    if left * right > n:  # walk on from the few places that lie outside
        rows = jax.lax.while_loop(
            lambda rows: jnp.any(rows >= n),
            lambda rows: jnp.where(rows >= n, _cipher(keys, rows, left, right), rows),
            rows,
        )
    return rows.astype(jnp.int32)


def _rectangle(n: int) -> tuple[int, int]:
    """Sides whose product is n or as little above it as can be, near to a square."""
    root = math.isqrt(n)
    sides = [(a, -(-n // a)) for a in range(max(1, root // 2), root + 2)]
    return min(sides, key=lambda s: (s[0] * s[1] - n, abs(s[0] - s[1])))


def _cipher(keys, rows, left: int, right: int):
    """A Feistel network on (row // right, row % right): each half moves by a hash of the other."""
    a, b = rows // np.uint32(right), rows % np.uint32(right)
    for i in range(0, _ROUNDS, 2):
        a = (a + _hash(b, keys[i], left)) % np.uint32(left)
        b = (b + _hash(a, keys[i + 1], right)) % np.uint32(right)
    return a * np.uint32(right) + b


def _hash(value, key, size: int):
    """Mixes 32 bits (multiply, shift, multiply, shift), then takes them below `size`."""
    mixed = (value + key) * np.uint32(0x9E3779B1)
    mixed = (mixed ^ (mixed >> 15)) * np.uint32(0x85EBCA77)
    return (mixed ^ (mixed >> 13)) % np.uint32(size)
