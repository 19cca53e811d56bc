"""The equations of recurrent cells: what one step makes of its gates.

Cells hold their gates side by side on the last axis, in PyTorch's order.

S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 1997 (lstm).
K. Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014 (gru).
"""

import jax
import jax.numpy as jnp

from luxnb.core.types import Array


def joint(x: Array, hidden: Array, weight_ih: Array, weight_hh: Array) -> Array:
    """x · weight_ih + hidden · weight_hh, by one product: a step has little else to compute."""
    both = jnp.concatenate([x, hidden], axis=-1)
    return both @ jnp.concatenate([weight_ih, weight_hh])


def lstm(gates: Array, memory: Array) -> tuple[Array, Array]:
    """c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'); `gates` is i, f, g, o. Returns h', c'."""
    i, f, g, o = jnp.split(gates, 4, axis=-1)
    memory = jax.nn.sigmoid(f) * memory + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(memory), memory


def gru(given: Array, recurrent: Array, hidden: Array) -> Array:
    """h' = (1 - z) n + z h, with r, z = σ(a + b) and n = tanh(a + r b).

    a is of `given`, what x gives to the gates r, z, n; b of `recurrent`, what h gives to them.
    """
    given_r, given_z, given_n = jnp.split(given, 3, axis=-1)
    recurrent_r, recurrent_z, recurrent_n = jnp.split(recurrent, 3, axis=-1)
    r = jax.nn.sigmoid(given_r + recurrent_r)
    z = jax.nn.sigmoid(given_z + recurrent_z)
    n = jnp.tanh(given_n + r * recurrent_n)
    return (1 - z) * n + z * hidden
