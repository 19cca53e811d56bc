"""JAX alone: arrays in dicts, functions, optax; the parameters are those that luxnb would draw."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import optax
from jax import lax
from workloads import LEARNING_RATE, runge_kutta, scanned

from trainers.stepwise import Stepwise

A_DISPATCH = 256  # steps of the scan


def dense(p, x):
    return x @ p["weight"] + p["bias"]


def dropout(key, x, rate=0.2):
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def tiny(p, x, state):
    for name in ("layer_1", "layer_2"):
        x = jnp.tanh(dense(p[name], x))
    return dense(p["layer_3"], x), state


def mlp(p, x, key):
    key, first, second = jax.random.split(key, 3)
    x = dropout(first, jax.nn.relu(dense(p["layer_1"], x)))
    x = dropout(second, jax.nn.relu(dense(p["layer_3"], x)))
    return dense(p["layer_5"], x), key


def conv(p, x, padding):
    numbers = ("NHWC", "HWIO", "NHWC")
    return (
        lax.conv_general_dilated(x, p["weight"], (1, 1), padding, dimension_numbers=numbers)
        + p["bias"]
    )


def max_pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def lenet(p, x, state):
    key, mean, variance = state
    key, drop = jax.random.split(key)
    x = jax.nn.relu(conv(p["layer_1"], x, [(2, 2), (2, 2)]))
    now, spread = x.mean((0, 1, 2)), x.var((0, 1, 2))
    x = (x - now) * lax.rsqrt(spread + 1e-5) * p["layer_2"]["scale"] + p["layer_2"]["bias"]
    state = key, 0.9 * mean + 0.1 * now, 0.9 * variance + 0.1 * spread
    x = max_pool(jax.nn.relu(conv(p["layer_4"], max_pool(x), "VALID")))
    x = jax.nn.relu(dense(p["layer_7"], x.reshape(len(x), -1)))
    x = jax.nn.relu(dense(p["layer_9"], dropout(drop, x)))
    return dense(p["layer_10"], x), state


def layer_norm(p, x):
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * p["scale"] + p["bias"]


def attention(p, x, heads=4):
    batch, length, dims = x.shape

    def split(name):
        return dense(p[name], x).reshape(batch, length, heads, -1).swapaxes(1, 2)

    q, k, v = map(split, ("q_proj", "k_proj", "v_proj"))
    scores = q @ k.swapaxes(2, 3) / math.sqrt(dims // heads)
    scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -jnp.inf)
    y = (jax.nn.softmax(scores) @ v).swapaxes(1, 2).reshape(batch, length, dims)
    return dense(p["out_proj"], y)


def gpt(p, x, state):
    x = p["layer_1"]["weight"][x] + p["layer_2"]["weight"]
    for name in ("layer_3", "layer_4", "layer_5", "layer_6"):
        b = p[name]
        x = x + attention(b["attention"], layer_norm(b["norm_1"], x))
        hidden = jax.nn.gelu(dense(b["mlp"]["layer_1"], layer_norm(b["norm_2"], x)))
        x = x + dense(b["mlp"]["layer_2"], hidden)
    return dense(p["layer_8"], layer_norm(p["layer_7"], x)), state


def ode(p, x, state):
    field = p["field"]

    def slope(y):
        return dense(field["layer_2"], jnp.tanh(dense(field["layer_1"], y)))

    return runge_kutta(slope, x, scanned), state


def lstm(p, x, state):
    cell = p["layer_1"]["cell"]
    inputs = x.swapaxes(0, 1) @ cell["weight_ih"] + cell["bias_ih"] + cell["bias_hh"]

    def step(carry, row):
        h, c = carry
        i, f, g, o = jnp.split(row + h @ cell["weight_hh"], 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), None

    zero = jnp.zeros((len(x), cell["weight_hh"].shape[0]))
    (h, _), _ = lax.scan(step, (zero, zero), inputs)
    return dense(p["layer_2"], h), state


def trainers(workload):
    model = globals()[workload.name]
    params = workload.model.init(0)[0].to_dict()
    key = jax.random.key(0)
    state = (key, jnp.zeros(6), jnp.ones(6)) if workload.name == "lenet" else key
    optimizer = optax.adam(LEARNING_RATE)
    data, size = (jnp.asarray(workload.x), jnp.asarray(workload.y)), workload.batch_size
    per_epoch = len(workload.x) // size

    def step(carry, batch):
        params, state, memory = carry

        def loss_of(params):
            prediction, after = model(params, batch[0], state)
            return workload.loss(prediction, batch[1]), after

        (loss, state), gradient = jax.value_and_grad(loss_of, has_aux=True)(params)
        updates, memory = optimizer.update(gradient, memory, params)
        return (optax.apply_updates(params, updates), state, memory), loss

    @partial(jax.jit, static_argnums=2, donate_argnums=0)
    def scan(carry, begin, n):
        def one(carry, i):
            rows = (begin + i) % per_epoch * size
            batch = jax.tree.map(lambda a: lax.dynamic_slice_in_dim(a, rows, size), data)
            return step(carry, batch)

        return lax.scan(one, carry, jnp.arange(n))

    def carry():
        made = params, state, optimizer.init(params)
        return jax.tree.map(jnp.copy, made)

    jitted = jax.jit(step, donate_argnums=0)
    return {
        "step by hand": Stepwise(jitted, carry(), workload.batches(jnp.asarray), lambda x: x),
        "scan by hand": _Scanned(scan, carry(), min(A_DISPATCH, workload.steps)),
    }


class _Scanned:
    def __init__(self, scan, carry, length):
        self._scan, self._carry, self._length, self._taken = scan, carry, length, 0

    def __call__(self, steps):
        losses = None
        for n in [self._length] * (steps // self._length) + [steps % self._length]:
            if n:
                self._carry, losses = self._scan(self._carry, self._taken, n)
                self._taken += n
        return float(losses[-1])
