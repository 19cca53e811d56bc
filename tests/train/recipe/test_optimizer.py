"""An optimiser is read from what its functions hold, and made again of the calls, to the bit."""

import json

import jax
import jax.numpy as jnp
import optax
import pytest

import luxnb as lx
from luxnb.train.recipe.optimizer import describe_optimizer, digest_optimizer
from luxnb.train.recipe.rebuild import rebuild_optimizer
from luxnb.train.recipe.words import call_words

TS = lx.TrainState.create(lx.Dense(3, 2), optax.identity(), 0)
WARM = optax.warmup_cosine_decay_schedule(0.0, 1e-2, 10, 100)
JOINED = optax.join_schedules([optax.linear_schedule(0, 1, 5), optax.constant_schedule(1.0)], [5])
MASK = lx.Tree(weight=True, bias=False)

OPTIMIZERS = {
    "sgd": optax.sgd(0.1),
    "nesterov": optax.sgd(0.1, momentum=0.9, nesterov=True),
    "adam": optax.adam(1e-3, b1=0.8),
    "adam in bfloat16": optax.adam(1e-3, mu_dtype=jnp.bfloat16),
    "rate as an array": optax.adam(jnp.float32(1e-3)),
    "adamw with a schedule": optax.adamw(WARM, weight_decay=0.01),
    "adamw with a mask": optax.adamw(1e-3, mask=MASK),
    "joined schedules": optax.adam(JOINED),
    "exponential": optax.adam(optax.exponential_decay(1e-3, 10, 0.9, staircase=True)),
    "piecewise": optax.adam(optax.piecewise_constant_schedule(1e-3, {10: 0.1, 20: 0.5})),
    "clipped": optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3)),
    "injected": optax.inject_hyperparams(optax.adam)(learning_rate=1e-3),
    "injected schedule": optax.inject_hyperparams(optax.adamw)(learning_rate=WARM, b1=0.8),
    "injected type": optax.inject_hyperparams(optax.sgd, hyperparam_dtype=jnp.float32)(0.1),
    "masked": optax.masked(optax.adam(1e-3), MASK),
    "finite": optax.apply_if_finite(optax.adam(1e-3), 3),
    "flat": optax.flatten(optax.adam(1e-3)),
    "lion": optax.lion(1e-3),
    "lamb": optax.lamb(1e-3),
    "rmsprop": optax.rmsprop(1e-3, momentum=0.9, centered=True),
    "adafactor": optax.adafactor(1e-3),
    "noisy": optax.noisy_sgd(1e-3, eta=0.1, key=3),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_is_made_again(name):
    optimizer = OPTIMIZERS[name]
    said = json.loads(json.dumps(describe_optimizer(optimizer, TS), allow_nan=False))
    again = rebuild_optimizer(said["calls"])
    assert digest_optimizer(again, TS) == said["sha256"]
    gradients = jax.tree.map(lambda p: p * 0.1 + 0.3, TS.params)
    for value, other in zip(stepped(optimizer, gradients), stepped(again, gradients), strict=True):
        assert jnp.array_equal(value, other)


def stepped(optimizer, gradients):
    """The updates of two steps, by hand."""
    state, found = optimizer.init(TS.params), []
    for _ in range(2):
        updates, state = optimizer.update(gradients, state, TS.params)
        found += jax.tree.leaves(updates)
    return found


def test_all_have_digests_of_their_own():
    digests = {digest_optimizer(optimizer, TS) for optimizer in OPTIMIZERS.values()}
    assert len(digests) >= len(OPTIMIZERS) - 1  # a number as an array may compute the same


def test_in_words():
    clipped = describe_optimizer(optax.chain(optax.clip(1.0), optax.sgd(WARM)), TS)
    words = call_words(clipped["calls"])
    assert words.startswith("optax.chain(optax.clip(max_delta=1.0), optax.chain(")
    assert "optax.scale_by_learning_rate(learning_rate=optax.join_schedules(schedules=[" in words
    assert "optax.cosine_decay_schedule(init_value=0.01, decay_steps=90" in words
    injected = describe_optimizer(OPTIMIZERS["injected"], TS)["calls"]
    assert call_words(injected).startswith("optax.inject_hyperparams(optax.adam)(learning_rate=0.0")


def test_what_cannot_be_read_is_asked_for():
    for optimizer in (optax.MultiSteps(optax.adam(1e-3), 4), optax.adam(lambda step: 1e-3)):
        said = describe_optimizer(optimizer, TS)
        with pytest.raises(ValueError, match=r"too little of the .* to make it again: give it as"):
            rebuild_optimizer(said["calls"])
