"""Equinox: its `filter_jit` idiom, and its own advice for speed, to part arrays from the rest."""

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from equinox import nn
from workloads import LEARNING_RATE, runge_kutta, scanned

from trainers.stepwise import Stepwise


def keys():
    return iter(jax.random.split(jax.random.key(0), 64))


def tiny():
    return nn.MLP(2, 1, 16, 2, jnp.tanh, key=jax.random.key(0))


class MLP(eqx.Module):
    layers: list
    dropout: nn.Dropout

    def __init__(self):
        k = keys()
        sizes = ((784, 256), (256, 256), (256, 10))
        self.layers = [nn.Linear(*size, key=next(k)) for size in sizes]
        self.dropout = nn.Dropout(0.2)

    def __call__(self, x, key):
        for layer, drop in zip(self.layers[:-1], jax.random.split(key), strict=True):
            x = self.dropout(jax.nn.relu(layer(x)), key=drop)
        return self.layers[-1](x)


class LeNet(eqx.Module):
    convs: list
    dense: list
    norm: nn.BatchNorm
    dropout: nn.Dropout
    pool: nn.MaxPool2d

    def __init__(self):
        k = keys()
        self.convs = [nn.Conv2d(1, 6, 5, padding=2, key=next(k)), nn.Conv2d(6, 16, 5, key=next(k))]
        sizes = ((400, 120), (120, 84), (84, 10))
        self.dense = [nn.Linear(*size, key=next(k)) for size in sizes]
        self.norm = nn.BatchNorm(6, "batch", mode="batch")
        self.dropout, self.pool = nn.Dropout(0.2), nn.MaxPool2d(2, 2)

    def __call__(self, x, state, key):
        x = jnp.moveaxis(x, -1, 0)
        x, state = self.norm(jax.nn.relu(self.convs[0](x)), state)
        x = self.pool(jax.nn.relu(self.convs[1](self.pool(x)))).ravel()
        x = self.dropout(jax.nn.relu(self.dense[0](x)), key=key)
        return self.dense[2](jax.nn.relu(self.dense[1](x))), state


class ODE(eqx.Module):
    field: nn.MLP

    def __init__(self):
        self.field = nn.MLP(2, 2, 64, 1, jnp.tanh, key=jax.random.key(0))

    def __call__(self, y):
        return runge_kutta(self.field, y, scanned)


class LSTM(eqx.Module):
    cell: nn.LSTMCell
    head: nn.Linear

    def __init__(self):
        k = keys()
        self.cell, self.head = nn.LSTMCell(16, 64, key=next(k)), nn.Linear(64, 10, key=next(k))

    def __call__(self, x):
        carry = jnp.zeros(64), jnp.zeros(64)
        (h, _), _ = jax.lax.scan(lambda carry, x: (self.cell(x, carry), None), carry, x)
        return self.head(h)


class Block(eqx.Module):
    norms: list
    attention: nn.MultiheadAttention
    dense: list

    def __init__(self, key):
        k = iter(jax.random.split(key, 3))
        self.norms = [nn.LayerNorm(128), nn.LayerNorm(128)]
        bias = {f"use_{name}_bias": True for name in ("query", "key", "value", "output")}
        self.attention = nn.MultiheadAttention(4, 128, **bias, key=next(k))
        self.dense = [nn.Linear(128, 512, key=next(k)), nn.Linear(512, 128, key=next(k))]

    def __call__(self, x):
        y = jax.vmap(self.norms[0])(x)
        x = x + self.attention(y, y, y, mask=jnp.tril(jnp.ones((len(x), len(x)), bool)))
        y = jax.nn.gelu(jax.vmap(self.dense[0])(jax.vmap(self.norms[1])(x)))
        return x + jax.vmap(self.dense[1])(y)


class GPT(eqx.Module):
    tokens: nn.Embedding
    places: jax.Array
    blocks: list
    norm: nn.LayerNorm
    head: nn.Linear

    def __init__(self):
        k = keys()
        self.tokens = nn.Embedding(256, 128, key=next(k))
        self.places = jax.random.normal(next(k), (64, 128))
        self.blocks = [Block(next(k)) for _ in range(4)]
        self.norm, self.head = nn.LayerNorm(128), nn.Linear(128, 256, key=next(k))

    def __call__(self, x):
        x = jax.vmap(self.tokens)(x) + self.places
        for block in self.blocks:
            x = block(x)
        return jax.vmap(lambda row: self.head(self.norm(row)))(x)


MODELS = {"tiny": tiny, "mlp": MLP, "lenet": LeNet, "gpt": GPT, "ode": ODE, "lstm": LSTM}


def predict(name, model, state, x, key):
    """The prediction for a batch and the new state; modules of Equinox see one sample."""
    if name == "mlp":
        return jax.vmap(model)(x, jax.random.split(key, len(x))), state
    if name == "lenet":
        many = jax.vmap(model, axis_name="batch", in_axes=(0, None, 0), out_axes=(0, None))
        return many(x, state, jax.random.split(key, len(x)))
    return jax.vmap(model)(x), state


def trainers(workload):
    made = eqx.nn.make_with_state(MODELS[workload.name])()
    optimizer = optax.adam(LEARNING_RATE)
    batches = workload.batches(jnp.asarray)

    def plain(model, state, memory, key, batch):
        key, now = jax.random.split(key)

        def loss_of(model):
            prediction, after = predict(workload.name, model, state, batch[0], now)
            return workload.loss(prediction, batch[1]), after

        (loss, state), gradient = eqx.filter_value_and_grad(loss_of, has_aux=True)(model)
        updates, memory = optimizer.update(gradient, memory, eqx.filter(model, eqx.is_array))
        return (eqx.apply_updates(model, updates), state, memory, key), loss

    filtered = eqx.filter_jit(plain)
    model, state = made
    arrays, static = eqx.partition(model, eqx.is_array)
    memory, key = optimizer.init(eqx.filter(model, eqx.is_inexact_array)), jax.random.key(0)
    state_arrays, state_static = eqx.partition(state, eqx.is_array)

    @jax.jit
    def parted(carry, batch):
        arrays, state, *others = carry
        both = eqx.combine(arrays, static), eqx.combine(state, state_static)
        (model, state, *others), loss = plain(*both, *others, batch)
        carry = eqx.filter(model, eqx.is_array), eqx.filter(state, eqx.is_array), *others
        return carry, loss

    def last(loss):
        return loss

    return {
        "Equinox, filter_jit": Stepwise(
            lambda carry, batch: filtered(*carry, batch), (*made, memory, key), batches, last
        ),
        "Equinox, parted": Stepwise(parted, (arrays, state_arrays, memory, key), batches, last),
    }
