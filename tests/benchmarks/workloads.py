"""The six trainings of the benchmark: a model of luxnb, data, and how many steps a repeat takes."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from models import LENET

import luxnb as lx

RNG = np.random.default_rng(0)
LEARNING_RATE = 1e-3  # of Adam, everywhere


@dataclass(frozen=True)
class Workload:
    name: str
    model: lx.Layer
    loss: Callable
    x: np.ndarray
    y: np.ndarray
    batch_size: int
    steps: int  # of one repeat
    random: bool = False  # dropout: losses differ from peer to peer

    def batches(self, device: Callable) -> list:
        """The data cut into batches beforehand, so that no peer pays for cutting them."""
        cuts = range(0, len(self.x) - self.batch_size + 1, self.batch_size)
        rows = [slice(i, i + self.batch_size) for i in cuts]
        return [(device(self.x[r]), device(self.y[r])) for r in rows]


class NeuralODE(lx.Layer):
    """y(1) from dy/dt = field(y) and y(0), in 30 steps of the classical Runge-Kutta method."""

    field: lx.Layer

    def children(self):
        return {"field": self.field}

    def forward(self, y, ps, st):
        return runge_kutta(lambda y: self.field(y, ps.field, st.field)[0], y, scanned), st


def runge_kutta(slope, y, repeated, steps=30):
    h = 1 / steps

    def step(y):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    return repeated(step, y, steps)


def scanned(step, y, n):
    return jax.lax.scan(lambda y, _: (step(y), None), y, None, length=n)[0]


def normal(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def labels(rows, classes=10):
    return RNG.integers(0, classes, rows).astype(np.int32)


def sine(x):
    return (np.sin(x[:, :1] * 3) * x[:, 1:]).astype(np.float32)


POINTS, TOKENS = normal(4096, 2), RNG.integers(0, 256, (128, 65)).astype(np.int32)

TINY = lx.Chain(lx.Dense(2, 16, jnp.tanh), lx.Dense(16, 16, jnp.tanh), lx.Dense(16, 1))
MLP = lx.Chain(
    lx.Dense(784, 256, jax.nn.relu),
    lx.Dropout(0.2),
    lx.Dense(256, 256, jax.nn.relu),
    lx.Dropout(0.2),
    lx.Dense(256, 10),
)


def block():
    mlp = lx.Chain(lx.Dense(128, 512, jax.nn.gelu), lx.Dense(512, 128))
    return lx.TransformerBlock(128, 4, causal=True, mlp=mlp)


GPT = lx.Chain(
    lx.Embedding(256, 128),
    lx.PositionEmbedding(64, 128),
    *(block() for _ in range(4)),
    lx.LayerNorm(128),
    lx.Dense(128, 256),
)
LSTM = lx.Chain(lx.Recurrence(lx.LSTMCell(16, 64), return_sequence=False), lx.Dense(64, 10))
ODE = NeuralODE(lx.Chain(lx.Dense(2, 64, jnp.tanh), lx.Dense(64, 2)))

MSE, ENTROPY = lx.losses.mse, lx.losses.cross_entropy
WORKLOADS = (
    Workload("tiny", TINY, MSE, POINTS, sine(POINTS), 32, 32768),
    Workload("mlp", MLP, ENTROPY, normal(4096, 784), labels(4096), 128, 128, random=True),
    Workload("lenet", LENET, ENTROPY, normal(1024, 28, 28, 1), labels(1024), 64, 48, random=True),
    Workload("gpt", GPT, ENTROPY, TOKENS[:, :-1], TOKENS[:, 1:], 8, 8),
    Workload("ode", ODE, MSE, POINTS, np.tanh(POINTS[:, ::-1] * 2), 32, 384),
    Workload("lstm", LSTM, ENTROPY, normal(1024, 32, 16), labels(1024), 32, 128),
)
