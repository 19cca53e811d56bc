"""Models to look at."""

import jax
import jax.numpy as jnp

from luxnb import BatchNorm, Chain, Conv, Dense, Dropout, Flatten, MaxPool, SkipConnection

MLP = Chain(
    Dense(784, 256, jax.nn.relu),
    BatchNorm(256),
    Dropout(0.2),
    Dense(256, 128, jax.nn.relu),
    BatchNorm(128),
    Dense(128, 10),
)

LENET = Chain(
    Conv((5, 5), 1, 6, jnp.tanh, padding="SAME"),
    MaxPool((2, 2)),
    Conv((5, 5), 6, 16, jnp.tanh),
    MaxPool((2, 2)),
    Flatten(),
    Dense(400, 120),
    jnp.tanh,
    head=Dense(120, 10, use_bias=False),
)

ALTERNATING = Chain(*[Dense(8, 8, jax.nn.relu), Dropout(0.1)] * 6, Dense(8, 2))

# The widths and depth of GPT-2 small, of the layers that exist.
BLOCK = Chain(
    attention=SkipConnection(Chain(Dense(768, 3 * 768), Dense(3 * 768, 768))),
    mlp=SkipConnection(Chain(Dense(768, 3072, jax.nn.gelu), Dense(3072, 768))),
)
GPT = Chain(*[BLOCK] * 12, head=Dense(768, 32768, use_bias=False))
