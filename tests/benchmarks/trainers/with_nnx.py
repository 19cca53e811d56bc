"""Flax NNX: `nnx.jit`, and its own advice for speed, to split and merge around `jax.jit`."""

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from workloads import LEARNING_RATE

from trainers.stepwise import Stepwise


def tiny(rngs):
    def dense(n, m):
        return nnx.Linear(n, m, rngs=rngs)

    return nnx.Sequential(dense(2, 16), jnp.tanh, dense(16, 16), jnp.tanh, dense(16, 1))


class MLP(nnx.Module):
    def __init__(self, rngs):
        sizes = ((784, 256), (256, 256), (256, 10))
        self.one, self.two, self.three = (nnx.Linear(*size, rngs=rngs) for size in sizes)
        self.dropout = nnx.Dropout(0.2, rngs=rngs)

    def __call__(self, x):
        x = self.dropout(nnx.relu(self.one(x)))
        return self.three(self.dropout(nnx.relu(self.two(x))))


class LeNet(nnx.Module):
    def __init__(self, rngs):
        self.conv_1 = nnx.Conv(1, 6, (5, 5), padding=2, rngs=rngs)
        self.conv_2 = nnx.Conv(6, 16, (5, 5), padding="VALID", rngs=rngs)
        self.norm = nnx.BatchNorm(6, momentum=0.9, rngs=rngs)
        sizes = ((400, 120), (120, 84), (84, 10))
        self.one, self.two, self.three = (nnx.Linear(*size, rngs=rngs) for size in sizes)
        self.dropout = nnx.Dropout(0.2, rngs=rngs)

    def __call__(self, x):
        x = nnx.max_pool(self.norm(nnx.relu(self.conv_1(x))), (2, 2), (2, 2))
        x = nnx.max_pool(nnx.relu(self.conv_2(x)), (2, 2), (2, 2)).reshape(len(x), -1)
        x = self.dropout(nnx.relu(self.one(x)))
        return self.three(nnx.relu(self.two(x)))


class Block(nnx.Module):
    def __init__(self, rngs):
        self.norm_1, self.norm_2 = nnx.LayerNorm(128, rngs=rngs), nnx.LayerNorm(128, rngs=rngs)
        self.attention = nnx.MultiHeadAttention(4, 128, decode=False, rngs=rngs)
        self.one, self.two = nnx.Linear(128, 512, rngs=rngs), nnx.Linear(512, 128, rngs=rngs)

    def __call__(self, x, mask):
        x = x + self.attention(self.norm_1(x), mask=mask)
        return x + self.two(nnx.gelu(self.one(self.norm_2(x))))


class GPT(nnx.Module):
    def __init__(self, rngs):
        self.tokens = nnx.Embed(256, 128, rngs=rngs)
        self.places = nnx.Param(jax.random.normal(rngs.params(), (64, 128)))
        self.one, self.two, self.three, self.four = (Block(rngs) for _ in range(4))
        self.norm, self.head = nnx.LayerNorm(128, rngs=rngs), nnx.Linear(128, 256, rngs=rngs)

    def __call__(self, x):
        mask = nnx.make_causal_mask(x)
        x = self.tokens(x) + self.places[...]
        for block in (self.one, self.two, self.three, self.four):
            x = block(x, mask)
        return self.head(self.norm(x))


MODELS = {"tiny": tiny, "mlp": MLP, "lenet": LeNet, "gpt": GPT}


def trainers(workload):
    if workload.name not in MODELS:
        return {}
    batches = workload.batches(jnp.asarray)

    def made():
        model = MODELS[workload.name](nnx.Rngs(0))
        return model, nnx.Optimizer(model, optax.adam(LEARNING_RATE), wrt=nnx.Param)

    def plain(model, optimizer, batch):
        def loss_of(model):
            return workload.loss(model(batch[0]), batch[1])

        loss, gradient = nnx.value_and_grad(loss_of)(model)
        optimizer.update(model, gradient)
        return loss

    graph, state = nnx.split(made())

    @jax.jit
    def split(state, batch):
        model, optimizer = nnx.merge(graph, state)
        loss = plain(model, optimizer, batch)
        return nnx.state((model, optimizer)), loss

    jitted = nnx.jit(plain)

    def last(loss):
        return loss

    return {
        "Flax NNX, nnx.jit": Stepwise(
            lambda carry, batch: (carry, jitted(*carry, batch)), made(), batches, last
        ),
        "Flax NNX, split": Stepwise(split, state, batches, last),
    }
