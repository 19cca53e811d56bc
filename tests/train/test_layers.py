"""Whatever a layer keeps in its state, a training of it learns, and its rerun is the same."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.train.conftest import images, train

RNG = np.random.default_rng(0)


@lx.compact(blocks=lx.Chain(lx.Dense(2, 8), lx.Dense(8, 3)), key=lx.RandomKey())
def noisy(m, x):
    key, m.key = jax.random.split(m.key)
    return m.blocks(x + 0.01 * jax.random.normal(key, x.shape))


def tokens():
    """Sequences that count upwards by 3 in a ring of 7, and what comes next."""
    start = RNG.integers(0, 7, (64, 1))
    ring = (start + 3 * np.arange(9)) % 7
    return ring[:, :-1].astype(np.int32), ring[:, 1:].astype(np.int32)


def waves():
    """Slow and fast waves, and which they are."""
    fast = RNG.integers(0, 2, 64)
    angle = np.arange(12) * np.where(fast, 1.5, 0.5)[:, None] + RNG.uniform(0, 6, (64, 1))
    return np.sin(angle)[..., None].astype(np.float32), fast.astype(np.int32)


def nearest():
    """Points, and which of three corners is nearest."""
    x = RNG.normal(size=(96, 2)).astype(np.float32)
    corners = np.array([[1, 0], [-1, 1], [-1, -1]])
    return x, np.argmax(x @ corners.T, axis=1).astype(np.int32)


CASES = {
    "normalised": (
        lx.Chain(
            lx.SpectralNorm(lx.Dense(2, 16)),
            lx.RReLU(),
            lx.AlphaDropout(0.05),
            lx.WeightNorm(lx.Dense(16, 16)),
            lx.VariationalHiddenDropout(0.05),
            lx.BatchNorm(16),
            lx.Dense(16, 3),
        ),
        nearest(),
    ),
    "compact": (noisy, nearest()),
    "mixed precision": (
        lx.Chain(lx.WithDtype(lx.mlp(2, (16, 16)), "bfloat16"), lx.Dense(16, 3)),
        nearest(),
    ),
    "recurrent": (
        lx.Chain(lx.Recurrence(lx.LSTMCell(1, 8), return_sequence=False), lx.Dense(8, 2)),
        waves(),
    ),
    "attention": (
        lx.Chain(
            lx.Embedding(7, 16),
            lx.PositionEmbedding(8, 16),
            lx.Stacked(lx.TransformerBlock(16, 2, causal=True, dropout=0.05), 2),
            lx.Dense(16, 7),
        ),
        tokens(),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_learns_and_its_rerun_has_the_same_bits(name):
    model, data = CASES[name]
    run = train(model, data, steps=150)
    again = run.rerun()
    assert run.fingerprint == again.fingerprint
    loss = np.asarray(run.history["loss"])
    assert loss[-10:].mean() < 0.5 * loss[:3].mean()


def test_depthwise_pointwise_and_small_convolutions_run_in_the_compiled_loop():
    """They are no convolutions to XLA, so nothing speaks for one dispatch a step."""
    separable = lx.Chain(
        lx.Conv((3, 3), 1, 4, stride=2, padding="SAME"),
        lx.Conv((3, 3), 4, 4, groups=4, padding="SAME"),
        lx.GlobalMeanPool(),
        lx.Flatten(),
        lx.Dense(4, 3),
    )
    assert train(separable, images(), steps=2).executor == "step"
    for first in (lx.Conv((1, 1), 1, 4, jnp.tanh), lx.Conv((3, 3), 1, 4, padding="SAME")):
        light = lx.Chain(first, *separable[1:])
        assert train(light, images(), steps=2).executor == "loop"


def test_frozen_parameters_stay_as_they_were():
    model = lx.Chain(lx.Frozen(lx.Dense(2, 8, jnp.tanh)), lx.Dense(8, 3))
    run = train(model, nearest(), steps=20)
    frozen = run.state.layer_1.frozen
    before = train(model, nearest(), steps=1).state.layer_1.frozen
    np.testing.assert_array_equal(frozen.weight, before.weight)
    assert lx.count(run.params) == 8 * 3 + 3
