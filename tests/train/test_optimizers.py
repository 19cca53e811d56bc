"""Optimisers of optax as they are: whatever they ask for they are given, against loops by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.step.update import update
from tests.same import assert_close, assert_same

MODEL = lx.Dense(2, 1)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 2)).astype(np.float32)
Y = (X @ np.array([[3.0], [-2.0]]) + 1).astype(np.float32)


def loss_of(ps):
    return jnp.mean((X @ ps["weight"] + ps["bias"] - Y) ** 2)


def by_hand(optimizer, steps, **asked):
    """The loop that the documentation of optax shows, over the whole data."""
    ps = MODEL.init(0)[0].to_dict()
    state, losses = optimizer.init(ps), []

    @jax.jit
    def step(ps, state):
        value, gradients = jax.value_and_grad(loss_of)(ps)
        given = {name: ask(value, gradients) for name, ask in asked.items()}
        updates, state = optimizer.update(gradients, state, ps, **given)
        return optax.apply_updates(ps, updates), state, value

    for _ in range(steps):
        ps, state, value = step(ps, state)
        losses.append(float(value))
    return ps, losses


VALUE = {"value": lambda value, _: value}
SEARCH = VALUE | {"grad": lambda _, g: g, "value_fn": lambda *_: loss_of}
CASES = {
    "clipped": (optax.chain(optax.clip_by_global_norm(0.5), optax.adam(0.1)), {}),
    "several steps an update": (optax.MultiSteps(optax.adam(0.1), 3), {}),
    "applied if finite": (optax.apply_if_finite(optax.sgd(0.1), 2), {}),
    "plateau": (
        optax.chain(optax.sgd(0.5), optax.contrib.reduce_on_plateau(factor=0.5, patience=1)),
        VALUE,
    ),
    "schedule free": (optax.contrib.schedule_free_sgd(0.2), {}),
    "polyak": (optax.polyak_sgd(1.0), VALUE),
    "momo": (optax.contrib.momo(0.1), VALUE),
    "lbfgs": (optax.lbfgs(), SEARCH),
    "decay of some": (optax.adamw(0.1, mask=lambda ps: jax.tree.map(lambda p: p.ndim > 1, ps)), {}),
    "sharpness, every other step": (
        optax.contrib.sam(optax.sgd(0.1), optax.chain(optax.contrib.normalize(), optax.sgd(0.05))),
        {},
    ),
    "sharpness": (
        optax.contrib.sam(
            optax.sgd(0.1),
            optax.chain(optax.contrib.normalize(), optax.sgd(0.05)),
            opaque_mode=True,
        ),
        {"grad_fn": lambda *_: lambda ps, _: jax.grad(loss_of)(ps)},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_run_is_the_loop_by_hand(name):
    optimizer, asked = CASES[name]
    run = lx.fit(MODEL, (X, Y), loss=lx.losses.mse, optimizer=optimizer, batch_size=len(X), steps=7)
    ps, losses = by_hand(optimizer, 7, **asked)
    np.testing.assert_allclose(run.history["loss"], losses, rtol=2e-4, atol=1e-6)
    assert_close(run.params.to_dict(), ps, rtol=2e-3, atol=2e-4)
    assert losses[-1] < losses[0]


def test_a_search_along_a_line_over_parts_of_the_batch():
    """L-BFGS on a quadratic is at its minimum, the least squares, after a few steps."""
    run = lx.fit(
        MODEL,
        (X, Y),
        loss=lx.losses.mse,
        optimizer=optax.lbfgs(),
        batch_size=32,
        steps=12,
        accumulate=4,
    )
    assert run.history["loss"][-1] < 1e-8
    np.testing.assert_allclose(run.params.weight, [[3.0], [-2.0]], atol=1e-3)


def test_both_halves_take_a_search_along_a_line():
    optimizer, objective = optax.lbfgs(), lx.losses.mse
    one = other = lx.TrainState.create(MODEL, optimizer, 0)
    step = lx.train_step(objective, optimizer)

    @jax.jit
    def by_halves(ts):
        gradients, metrics, ts = lx.compute_gradients(objective, ts, (X, Y))
        return lx.apply_gradients(
            ts, optimizer, gradients, loss=metrics.loss, loss_function=loss_of
        )

    for _ in range(3):
        one, other = step(one, (X, Y))[0], by_halves(other)
    assert_close(one.params, other.params, rtol=1e-4)


def test_only_what_an_optimiser_takes_is_given():
    seen = {}

    def picky(updates, state, params=None, *, value):
        seen.update(value=value)
        return updates, state

    optimizer = optax.GradientTransformationExtraArgs(lambda ps: (), picky)
    ps = MODEL.init(0)[0]
    params, _ = update(optimizer, ps, (), ps, jnp.float32(2.0), lambda ps: 0.0)
    assert float(seen["value"]) == 2.0
    assert_same(params, jax.tree.map(lambda p: p + p, ps))
    assert not np.any(update(optax.sgd(1.0), ps, optax.sgd(1.0).init(ps), ps)[0].weight)
