"""Haiku."""

import haiku as hk
import jax
import jax.numpy as jnp
import optax
from workloads import LEARNING_RATE, runge_kutta, scanned

from trainers.stepwise import Stepwise


def tiny(x):
    return hk.nets.MLP([16, 16, 1], activation=jnp.tanh)(x)


def mlp(x):
    for _ in range(2):
        x = hk.dropout(hk.next_rng_key(), 0.2, jax.nn.relu(hk.Linear(256)(x)))
    return hk.Linear(10)(x)


def lenet(x):
    x = jax.nn.relu(hk.Conv2D(6, 5, padding=(2, 2))(x))
    x = hk.BatchNorm(True, True, 0.9)(x, is_training=True)
    x = jax.nn.relu(
        hk.Conv2D(16, 5, padding="VALID")(hk.max_pool(x, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"))
    )
    x = hk.Flatten()(hk.max_pool(x, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"))
    x = hk.dropout(hk.next_rng_key(), 0.2, jax.nn.relu(hk.Linear(120)(x)))
    return hk.Linear(10)(jax.nn.relu(hk.Linear(84)(x)))


def gpt(x):
    def norm(x):
        return hk.LayerNorm(-1, True, True)(x)

    places = hk.get_parameter("places", (64, 128), init=hk.initializers.RandomNormal())
    mask = jnp.tril(jnp.ones((1, 1, x.shape[1], x.shape[1]), bool))
    x = hk.Embed(256, 128)(x) + places
    for _ in range(4):
        y = norm(x)
        x = x + hk.MultiHeadAttention(4, 32, w_init=hk.initializers.VarianceScaling())(
            y, y, y, mask=mask
        )
        x = x + hk.Linear(128)(jax.nn.gelu(hk.Linear(512)(norm(x))))
    return hk.Linear(256)(norm(x))


def ode(y):
    field = hk.nets.MLP([64, 2], activation=jnp.tanh)
    field(y)  # makes the parameters, before the loop
    return runge_kutta(field, y, scanned if not hk.running_init() else lambda step, y, n: y)


def lstm(x):
    core = hk.LSTM(64)
    _, state = hk.dynamic_unroll(core, x.swapaxes(0, 1), core.initial_state(len(x)))
    return hk.Linear(10)(state.hidden)


def trainers(workload):
    model = hk.transform_with_state(globals()[workload.name])
    batches = workload.batches(jnp.asarray)
    key = jax.random.key(0)
    params, state = model.init(key, batches[0][0])
    optimizer = optax.adam(LEARNING_RATE)

    def step(carry, batch):
        params, state, memory, key = carry
        key, now = jax.random.split(key)

        def loss_of(params):
            prediction, after = model.apply(params, state, now, batch[0])
            return workload.loss(prediction, batch[1]), after

        (loss, state), gradient = jax.value_and_grad(loss_of, has_aux=True)(params)
        updates, memory = optimizer.update(gradient, memory)
        return (optax.apply_updates(params, updates), state, memory, key), loss

    carry = params, state, optimizer.init(params), key
    jitted = jax.jit(step, donate_argnums=0)
    return {"Haiku": Stepwise(jitted, carry, batches, lambda loss: loss)}
