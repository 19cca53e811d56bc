"""Every loss trains: `fit(loss=…)` takes it as it is, or with options by functools.partial."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 2)).astype(np.float32)
CLASSES = RNG.integers(0, 3, 8)
ONE_HOT = np.eye(3, dtype=np.float32)[CLASSES]
SIGNS = 2 * ONE_HOT - 1

LINEAR = lx.Dense(2, 3)
POSITIVE = lx.Dense(2, 3, jax.nn.softplus)
SIGMOID = lx.Dense(2, 3, jax.nn.sigmoid)
SOFTMAX = lx.Dense(2, 3, jax.nn.softmax)
SGD = optax.sgd(0.05)

CASES = [
    (lx.losses.binary_cross_entropy, {"label_smoothing": 0.1}, LINEAR, ONE_HOT),
    (lx.losses.binary_focal, {"probabilities": True}, SIGMOID, ONE_HOT),
    (lx.losses.cross_entropy, {"label_smoothing": 0.1, "ignore": 2}, LINEAR, CLASSES),
    (lx.losses.focal, {"probabilities": True}, SOFTMAX, ONE_HOT),
    (lx.losses.kl_divergence, {"axis": 1}, LINEAR, ONE_HOT),
    (lx.losses.dice, {"smooth": 0.5}, SIGMOID, ONE_HOT),
    (lx.losses.hinge, {"reduce": jnp.sum}, LINEAR, SIGNS),
    (lx.losses.squared_hinge, {"reduce": jnp.max}, LINEAR, SIGNS),
    (lx.losses.huber, {"delta": 0.5}, LINEAR, SIGNS),
    (lx.losses.mae, {"reduce": jnp.sum}, LINEAR, SIGNS),
    (lx.losses.mse, {"reduce": jnp.max}, LINEAR, SIGNS),
    (lx.losses.msle, {"offset": 0.5}, POSITIVE, ONE_HOT),
    (lx.losses.poisson, {"log_rate": True}, POSITIVE, ONE_HOT),
    (lx.losses.siamese_contrastive, {"margin": 2.0}, POSITIVE, ONE_HOT),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_it_becomes_smaller(case):
    loss, options, model, y = case
    for one in (loss, functools.partial(loss, **options)):
        ts = lx.TrainState.create(model, SGD, 0)
        step = lx.train_step(one, SGD)
        seen = []
        for _ in range(5):
            ts, metrics = step(ts, (X, y))
            seen.append(float(metrics.loss))
        assert seen[-1] < seen[0]


def test_every_loss_is_here():
    public = {value for value in vars(lx.losses).values() if callable(value)}
    assert {case[0] for case in CASES} == public


def test_fit_takes_options_as_a_partial():
    loss = functools.partial(lx.losses.cross_entropy, label_smoothing=0.1)
    run = lx.fit(LINEAR, (X, CLASSES), loss=loss, optimizer=SGD, batch_size=8, steps=5)
    assert run.history["loss"][-1] < run.history["loss"][0]
