"""The moving average of the parameters, against a loop in NumPy."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_same
from tests.train.conftest import MLP, SGD, points, train

DECAY = 0.8


def by_numpy(values, decay):
    """m ← d m + (1 - d) θ from m = 0, divided by 1 - dⁿ, in float64."""
    mean = np.zeros_like(values[0], dtype=np.float64)
    for value in values:
        mean = decay * mean + (1 - decay) * np.asarray(value, np.float64)
    return mean / (1 - decay ** len(values))


@pytest.mark.parametrize("steps", [1, 2, 25])
def test_it_is_the_debiased_mean_of_all_parameters(steps):
    run = train(steps=steps, average=DECAY)
    passed = [run.at(step).params for step in range(1, steps + 1)]
    expected = jax.tree.map(lambda *values: by_numpy(values, DECAY), *passed)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), run.average, expected
    )
    assert int(run.ts.extras.averaged) == steps


def test_it_changes_no_bit_of_the_training_of_this_model():
    plain, averaged = train(steps=30), train(steps=30, average=DECAY)
    assert_same(plain.params, averaged.params)
    assert np.array_equal(plain.history["loss"], averaged.history["loss"])


def test_it_starts_with_the_parameters_and_survives_their_donation():
    ts = lx.TrainState.create(MLP, SGD, 0, average=DECAY)
    assert_same(ts.extras.average, ts.params)
    jax.jit(lambda ts: jax.tree.map(jnp.copy, ts), donate_argnums=0)(ts)  # no buffer occurs twice


def test_it_is_replayed_and_goes_on_in_a_fork():
    run = train(steps=20, average=DECAY)
    assert run.rerun().fingerprint == run.fingerprint
    fork = run.fork(10).fit(steps=10)
    assert_same(fork.average, run.average)
    assert lx.compare(fork, run).identical


def test_a_fork_may_begin_or_end_to_average():
    run = train(steps=5)
    begun = run.fork(average=DECAY).fit(steps=1)
    np.testing.assert_allclose(begun.average.layer_1.weight, begun.params.layer_1.weight, rtol=1e-6)
    ended = begun.fork(average=None).fit(steps=1)
    assert not ended.ts.extras
    with pytest.raises(
        ValueError, match=r"no average of the parameters: .*fit\(…, average=0.999\)"
    ):
        _ = ended.average


def test_evaluation_and_prediction_with_it():
    x, y = points()
    run = train(steps=20, average=DECAY)
    ts = dataclasses.replace(run.ts, params=run.average)
    logits, _ = MLP(x, ts.params, lx.testmode(ts.state))
    np.testing.assert_allclose(run.predict(x, params=run.average), logits, rtol=1e-5, atol=1e-6)
    found = run.evaluate(params=run.average)
    assert found["accuracy"] == pytest.approx(np.mean(np.argmax(logits, 1) == y))
    assert found["loss"] != run.evaluate()["loss"]


def test_small_floats_are_averaged_in_larger_ones():
    """1 + 2⁻⁹ is no bfloat16: a mean in that type would stand still."""
    model = lx.Scale(1, use_bias=False)
    params = {"weight": jnp.ones(1, jnp.bfloat16)}
    ts = lx.TrainState.create(model, SGD, params=params, state={}, average=0.999)
    assert ts.extras.average.weight.dtype == jnp.float32
    for value in (1.0, 1.0078125):
        gradient = {"weight": (ts.params.weight - value) / 0.1}
        ts = lx.apply_gradients(ts, SGD, gradient, average=0.999)
    expected = by_numpy([np.ones(1), np.full(1, 1.0078125)], 0.999)
    np.testing.assert_allclose(ts.extras.average.weight, expected, rtol=1e-6)
    assert ts.params.weight.dtype == jnp.bfloat16


@pytest.mark.parametrize("decay", [0, 1, -0.1, 1.5, True, "0.9"])
def test_what_is_no_decay(decay):
    with pytest.raises(
        ValueError, match=r"average is the decay of the mean, between 0 and 1 as 0\.9"
    ):
        train(steps=1, average=decay)


def test_both_sides_must_agree():
    batch = points()
    plain = lx.TrainState.create(MLP, SGD, 0)
    averaging = lx.TrainState.create(MLP, SGD, 0, average=DECAY)
    with pytest.raises(ValueError, match=r"has no average, .* TrainState.create\(…, average=0.8\)"):
        lx.train_step(lx.losses.cross_entropy, SGD, average=DECAY)(plain, batch)
    with pytest.raises(ValueError, match=r"has average, which .* give the step average=… as well"):
        lx.train_step(lx.losses.cross_entropy, SGD)(averaging, batch)
