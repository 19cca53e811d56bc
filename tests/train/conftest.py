"""Small trainings that the tests share."""

import contextlib

import jax
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.running import place

# One optimiser each, so that equal tasks share one compiled program.
ADAM = optax.adam(1e-2)
SGD = optax.sgd(0.1)


def points(rows=96, seed=0):
    """A smooth function of two variables with three classes as labels."""
    x = np.random.default_rng(seed).normal(size=(rows, 2)).astype(np.float32)
    return x, (np.digitize(x[:, 0] * x[:, 1], [-0.3, 0.3])).astype(np.int32)


def images(rows=48, seed=0):
    x = np.random.default_rng(seed).normal(size=(rows, 6, 6, 1)).astype(np.float32)
    return x, np.random.default_rng(seed + 1).integers(0, 3, rows).astype(np.int32)


MLP = lx.Chain(lx.Dense(2, 8, jax.nn.relu), lx.BatchNorm(8), lx.Dropout(0.3), lx.Dense(8, 3))
CONV = lx.Chain(  # strided, else its convolution would be a product of matrices, see ops/tiled.py
    lx.Conv((3, 3), 1, 4, jax.nn.relu, stride=2, padding=2),
    lx.BatchNorm(4),
    lx.MaxPool((2, 2)),
    lx.Flatten(),
    lx.Dropout(0.2),
    lx.Dense(16, 3),
)


def train(model=MLP, data=None, **options):
    """A classifier in training, with what the tests do not care about filled in."""
    data = (images() if model is CONV else points()) if data is None else data
    given = {
        "loss": lx.losses.cross_entropy,
        "optimizer": ADAM,
        "metrics": {"accuracy": lx.metrics.accuracy},
        "batch_size": 16,
        "seed": 3,
    } | options
    return lx.fit(model, data, **given)


class Live:
    """A place where somebody watches: `fit` returns at once."""

    background = True

    def launched(self, run):
        return contextlib.nullcontext()

    def show(self, run):
        return False


@pytest.fixture
def live(monkeypatch):
    monkeypatch.setattr(place, "finder", Live)
