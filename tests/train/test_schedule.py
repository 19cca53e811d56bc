"""A schedule as a value: what optax says at each step, and what is no schedule."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx


def test_its_values_are_the_formula():
    """Up in a line for 10 steps, then down by a cosine to the end at 50."""
    steps = np.arange(60)
    rise = 0.1 * steps / 10
    fall = 0.1 * (1 + np.cos(np.pi * np.clip((steps - 10) / 40, 0, 1))) / 2
    shown = lx.schedule(optax.warmup_cosine_decay_schedule(0.0, 0.1, 10, 50), 60)
    np.testing.assert_allclose(shown.values, np.where(steps < 10, rise, fall), atol=1e-8)
    assert len(shown) == 60 and shown.values.dtype == np.float32
    assert repr(shown) == "<Schedule of 60 steps: 0 at step 0, 0.1 at step 10, 0 at step 59>"


def test_what_a_run_uses_is_what_it_shows():
    sgd = optax.inject_hyperparams(optax.sgd)(optax.exponential_decay(0.5, 3, 0.7))
    x = np.ones((4, 1), np.float32)
    run = lx.fit(lx.Dense(1, 1), (x, x), loss=lx.losses.mse, optimizer=sgd, batch_size=4, steps=9)
    shown = lx.schedule(optax.exponential_decay(0.5, 3, 0.7), 9)
    np.testing.assert_array_equal(run.history["learning_rate"], shown.values)


def test_numbers_of_python_and_one_step():
    assert lx.schedule(lambda step: 3, 1).values.tolist() == [3]
    assert repr(lx.schedule(lambda step: 3, 1)) == "<Schedule of 1 steps: 3 at step 0>"


@pytest.mark.parametrize(
    ("function", "steps", "error", "message"),
    [
        (
            1e-3,
            10,
            TypeError,
            r"is a function of the step, .* got 0.001; .*constant_schedule\(1e-3",
        ),
        (optax.constant_schedule(1.0), 0, ValueError, "steps must be a positive integer, got 0"),
        (
            optax.constant_schedule(1.0),
            1.5,
            ValueError,
            "steps must be a positive integer, got 1.5",
        ),
        (lambda i: jnp.ones(3), 4, ValueError, r"says one number a step, got f32\[3\]"),
    ],
)
def test_what_is_refused(function, steps, error, message):
    with pytest.raises(error, match=message):
        lx.schedule(function, steps)


def test_a_schedule_that_fails_says_when():
    def failing(step):
        raise KeyError("no such phase")

    with pytest.raises(KeyError) as caught:
        lx.schedule(failing, 3)
    assert any("asking the schedule" in note for note in caught.value.__notes__)
    assert not any("0x" in note for note in caught.value.__notes__)
