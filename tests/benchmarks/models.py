"""The models and data of the benchmarks."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

import luxnb as lx


def tiny():
    """An MLP 2-16-16-1 on 4,096 points, batch 32: a step is nearly all overhead."""
    model = lx.Chain(lx.Dense(2, 16, jax.nn.tanh), lx.Dense(16, 16, jax.nn.tanh), lx.Dense(16, 1))
    x = jax.random.normal(jax.random.key(1), (4096, 2))
    data = x, jnp.sin(x[:, :1] * 3) * x[:, 1:]
    return model, data, lx.losses.mse, optax.adam(1e-3), 32


def digits():
    """The classifier of notebook 01 on 1,437 digits, batch 64."""
    model = lx.Chain(lx.Dense(64, 128, jax.nn.relu), lx.Dropout(0.2), lx.Dense(128, 10))
    images, labels = load_digits(return_X_y=True)
    data = (images[:1437] / 16).astype(np.float32), labels[:1437].astype(np.int32)
    return model, data, lx.losses.cross_entropy, optax.adam(1e-3), 64


def lenet():
    """A LeNet with BatchNorm and dropout on 28 × 28 images, batch 64."""
    model = lx.Chain(
        lx.Conv((5, 5), 1, 6, jax.nn.relu, padding=2),
        lx.BatchNorm(6),
        lx.MaxPool((2, 2)),
        lx.Conv((5, 5), 6, 16, jax.nn.relu),
        lx.MaxPool((2, 2)),
        lx.Flatten(),
        lx.Dense(400, 120, jax.nn.relu),
        lx.Dropout(0.2),
        lx.Dense(120, 84, jax.nn.relu),
        lx.Dense(84, 10),
    )
    x = jax.random.normal(jax.random.key(1), (1024, 28, 28, 1))
    data = x, jax.random.randint(jax.random.key(2), (1024,), 0, 10)
    return model, data, lx.losses.cross_entropy, optax.adam(1e-3), 64
