"""Flax Linen, with its TrainState."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.training.train_state import TrainState
from workloads import LEARNING_RATE, runge_kutta, scanned

from trainers.stepwise import Stepwise


def tiny():
    return nn.Sequential([nn.Dense(16), jnp.tanh, nn.Dense(16), jnp.tanh, nn.Dense(1)])


class MLP(nn.Module):
    @nn.compact
    def __call__(self, x):
        for _ in range(2):
            x = nn.Dropout(0.2, deterministic=False)(nn.relu(nn.Dense(256)(x)))
        return nn.Dense(10)(x)


class LeNet(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.relu(nn.Conv(6, (5, 5), padding=2)(x))
        x = nn.BatchNorm(use_running_average=False, momentum=0.9)(x)
        x = nn.relu(nn.Conv(16, (5, 5), padding="VALID")(nn.max_pool(x, (2, 2), (2, 2))))
        x = nn.max_pool(x, (2, 2), (2, 2)).reshape(len(x), -1)
        x = nn.Dropout(0.2, deterministic=False)(nn.relu(nn.Dense(120)(x)))
        return nn.Dense(10)(nn.relu(nn.Dense(84)(x)))


class GPT(nn.Module):
    @nn.compact
    def __call__(self, x):
        mask = nn.make_causal_mask(x)
        places = self.param("places", nn.initializers.normal(1.0), (64, 128))
        x = nn.Embed(256, 128)(x) + places
        for _ in range(4):
            x = x + nn.MultiHeadDotProductAttention(4)(nn.LayerNorm()(x), mask=mask)
            x = x + nn.Dense(128)(nn.gelu(nn.Dense(512)(nn.LayerNorm()(x))))
        return nn.Dense(256)(nn.LayerNorm()(x))


class ODE(nn.Module):
    def setup(self):
        self.one, self.two = nn.Dense(64), nn.Dense(2)

    def __call__(self, y):
        self.two(self.one(y))  # makes the parameters
        one, two = (layer.variables["params"] for layer in (self.one, self.two))

        def slope(y):
            hidden = jnp.tanh(y @ one["kernel"] + one["bias"])
            return hidden @ two["kernel"] + two["bias"]

        return runge_kutta(slope, y, scanned)


class LSTM(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(10)(nn.RNN(nn.OptimizedLSTMCell(64))(x)[:, -1])


MODELS = {"tiny": tiny, "mlp": MLP, "lenet": LeNet, "gpt": GPT, "ode": ODE, "lstm": LSTM}


class State(TrainState):
    rest: Any
    key: jax.Array


def trainers(workload):
    model = MODELS[workload.name]()
    batches = workload.batches(jnp.asarray)
    key = jax.random.key(0)
    variables = model.init({"params": key, "dropout": key}, batches[0][0])
    rest = {name: value for name, value in variables.items() if name != "params"}
    adam = optax.adam(LEARNING_RATE)
    state = State.create(
        apply_fn=model.apply, params=variables["params"], tx=adam, rest=rest, key=key
    )

    def step(state, batch):
        key, dropout = jax.random.split(state.key)

        def loss_of(params):
            prediction, rest = state.apply_fn(
                {"params": params, **state.rest},
                batch[0],
                rngs={"dropout": dropout},
                mutable=["batch_stats"],
            )
            return workload.loss(prediction, batch[1]), rest

        (loss, rest), gradient = jax.value_and_grad(loss_of, has_aux=True)(state.params)
        return state.apply_gradients(grads=gradient, rest=rest, key=key), loss

    jitted = jax.jit(step, donate_argnums=0)
    return {"Flax Linen": Stepwise(jitted, state, batches, lambda loss: loss)}
