"""The layers of the benchmark, each beside the same layer of Equinox and of Flax Linen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import flax.linen as nn
import jax
import jax.numpy as jnp

import luxnb as lx

KEY = jax.random.key(0)


@dataclass(frozen=True)
class Case:
    """A layer and its peers: functions of x that make `(function(params, x), params)`."""

    name: str
    layer: lx.Layer
    shape: Any  # of x
    equinox: Callable | None = None
    flax: Callable | None = None
    prepare: Callable = lambda x: x


def by_sample(module, axes: int = 1):
    """An Equinox module of one sample, mapped over `axes` batch axes."""

    def make(x):
        params, static = eqx.partition(module, eqx.is_inexact_array)

        def function(params, x):
            call = eqx.combine(params, static)
            for _ in range(axes):
                call = jax.vmap(call)
            return call(x), ()

        return function, params

    return make


def channels_first(module):
    """The same, for modules whose channels come first; the data stays in their own layout."""

    def make(x):
        function, params = by_sample(module)(x)

        def moved(params, x):
            y, rest = function(params, jnp.moveaxis(x, -1, 1))
            return jnp.moveaxis(y, 1, -1), rest

        return moved, params

    return make


def linen(module, *, mutable=(), rngs=()):
    """A Linen module; `mutable` names what it writes."""

    def make(x):
        variables = module.init({"params": KEY} | dict.fromkeys(rngs, KEY), x)
        rest = {name: value for name, value in variables.items() if name != "params"}

        def function(params, x):
            variables = {"params": params, **rest}
            keys = dict.fromkeys(rngs, KEY)
            return module.apply(variables, x, rngs=keys, mutable=list(mutable))

        return function, variables.get("params", {})

    return make


def eqx_dropout(rate):
    def make(x):
        layer = eqx.nn.Dropout(rate)

        def function(params, x):
            keys = jax.random.split(KEY, len(x))
            return jax.vmap(lambda x, key: layer(x, key=key))(x, keys), ()

        return function, {}

    return make


def eqx_batch_norm(channels):
    def make(x):
        layer, state = eqx.nn.make_with_state(eqx.nn.BatchNorm)(channels, "batch", mode="batch")
        params, static = eqx.partition(layer, eqx.is_inexact_array)

        def function(params, x):
            layer = eqx.combine(params, static)
            run = jax.vmap(
                lambda x, state: layer(x, state),
                axis_name="batch",
                in_axes=(0, None),
                out_axes=(0, None),
            )
            y, after = run(jnp.moveaxis(x, -1, 1), state)
            return jnp.moveaxis(y, 1, -1), after

        return function, params

    return make


def eqx_recurrent(cell, hidden, has_memory=False):
    def make(x):
        params, static = eqx.partition(cell, eqx.is_inexact_array)

        def function(params, x):
            cell = eqx.combine(params, static)

            def sequence(x):
                start = jnp.zeros(hidden)
                start = (start, start) if has_memory else start

                def step(carry, x):
                    carry = cell(x, carry)
                    return carry, carry[0] if has_memory else carry

                return jax.lax.scan(step, start, x)[1]

            return jax.vmap(sequence)(x), ()

        return function, params

    return make


def eqx_attention(dims, heads, causal):
    def make(x):
        layer = eqx.nn.MultiheadAttention(
            heads, dims, use_query_bias=True, use_key_bias=True, use_value_bias=True,
            use_output_bias=True, key=KEY,
        )  # fmt: skip
        params, static = eqx.partition(layer, eqx.is_inexact_array)
        length = x.shape[1]
        mask = jnp.tril(jnp.ones((length, length), bool)) if causal else None

        def function(params, x):
            layer = eqx.combine(params, static)
            return jax.vmap(lambda x: layer(x, x, x, mask=mask))(x), ()

        return function, params

    return make


class LinenCausal(nn.Module):
    """Causal self-attention."""

    heads: int

    @nn.compact
    def __call__(self, x):
        attention = nn.MultiHeadDotProductAttention(self.heads, deterministic=True)
        return attention(x, mask=nn.make_causal_mask(x[..., 0]))


class LinenBlocks(nn.Module):
    """Eight layers by `scan`."""

    @nn.compact
    def __call__(self, x):
        class Block(nn.Module):
            @nn.compact
            def __call__(self, x, _):
                return nn.tanh(nn.Dense(x.shape[-1])(x)), None

        scanned = nn.scan(Block, {"params": 0}, split_rngs={"params": True}, length=8)
        return scanned()(x, None)[0]


def eqx_spectral():
    """Spectral norm around a dense layer."""

    def make(x):
        layer, state = eqx.nn.make_with_state(eqx.nn.SpectralNorm)(
            eqx.nn.Linear(256, 256, key=KEY), "weight", key=KEY
        )
        params, static = eqx.partition(layer, eqx.is_inexact_array)

        def function(params, x):
            layer = eqx.combine(params, static)
            run = jax.vmap(layer, in_axes=(0, None), out_axes=(0, None))
            return run(x, state)

        return function, params

    return make


def indices(below):
    """Integers instead of floats."""
    return lambda x: jax.random.randint(KEY, x.shape, 0, below)


CASES = [
    Case(
        "Dense 256 -> 256",
        lx.Dense(256, 256, jax.nn.relu),
        (512, 256),
        by_sample(eqx.nn.MLP(256, 256, 1, 0, final_activation=jax.nn.relu, key=KEY)),
        linen(nn.Sequential([nn.Dense(256), nn.relu])),
    ),
    Case(
        "Conv 3×3 16 -> 32",
        lx.Conv((3, 3), 16, 32, padding="SAME"),
        (32, 28, 28, 16),
        channels_first(eqx.nn.Conv2d(16, 32, 3, padding="SAME", key=KEY)),
        linen(nn.Conv(32, (3, 3))),
    ),
    Case(
        "Conv 3×3 stride 2",
        lx.Conv((3, 3), 16, 32, padding="SAME", stride=2),
        (32, 28, 28, 16),
        channels_first(eqx.nn.Conv2d(16, 32, 3, padding="SAME", stride=2, key=KEY)),
        linen(nn.Conv(32, (3, 3), strides=2)),
    ),
    Case(
        "Conv 3×3 depthwise",
        lx.Conv((3, 3), 32, 32, padding="SAME", groups=32),
        (16, 28, 28, 32),
        channels_first(eqx.nn.Conv2d(32, 32, 3, padding="SAME", groups=32, key=KEY)),
        linen(nn.Conv(32, (3, 3), feature_group_count=32)),
    ),
    Case(
        "Conv 1-d 5",
        lx.Conv((5,), 32, 32, padding="SAME"),
        (32, 128, 32),
        channels_first(eqx.nn.Conv1d(32, 32, 5, padding="SAME", key=KEY)),
        linen(nn.Conv(32, (5,))),
    ),
    Case(
        "MaxPool 2×2",
        lx.MaxPool((2, 2)),
        (32, 28, 28, 32),
        channels_first(eqx.nn.MaxPool2d(2, 2)),
        linen(nn.Sequential([lambda x: nn.max_pool(x, (2, 2), (2, 2))])),
    ),
    Case(
        "BatchNorm, images",
        lx.BatchNorm(32),
        (32, 28, 28, 32),
        eqx_batch_norm(32),
        linen(nn.BatchNorm(use_running_average=False), mutable=["batch_stats"]),
    ),
    Case(
        "Dropout",
        lx.Dropout(0.5),
        (512, 1024),
        eqx_dropout(0.5),
        linen(nn.Dropout(0.5, deterministic=False), rngs=["dropout"]),
    ),
    Case(
        "ConvTranspose 3×3 stride 2",
        lx.ConvTranspose((3, 3), 16, 16, stride=2, padding="SAME"),
        (16, 14, 14, 16),
        None,
        linen(nn.ConvTranspose(16, (3, 3), (2, 2))),
    ),
    Case(
        "MeanPool 2×2",
        lx.MeanPool((2, 2)),
        (32, 28, 28, 32),
        channels_first(eqx.nn.AvgPool2d(2, 2)),
        linen(nn.Sequential([lambda x: nn.avg_pool(x, (2, 2), (2, 2))])),
    ),
    Case(
        "AdaptiveMeanPool 7×7",
        lx.AdaptiveMeanPool((7, 7)),
        (16, 30, 30, 16),
        channels_first(eqx.nn.AdaptiveAvgPool2d(7)),
    ),
    Case(
        "AdaptiveMaxPool 7×7",
        lx.AdaptiveMaxPool((7, 7)),
        (16, 30, 30, 16),
        channels_first(eqx.nn.AdaptiveMaxPool2d(7)),
    ),
    Case(
        "LayerNorm",
        lx.LayerNorm(512),
        (1024, 512),
        by_sample(eqx.nn.LayerNorm(512)),
        linen(nn.LayerNorm(epsilon=1e-5)),
    ),
    Case(
        "RMSNorm",
        lx.RMSNorm(512),
        (1024, 512),
        by_sample(eqx.nn.RMSNorm(512, use_bias=False)),
        linen(nn.RMSNorm(epsilon=1e-5)),
    ),
    Case(
        "GroupNorm",
        lx.GroupNorm(32, 8),
        (32, 14, 14, 32),
        channels_first(eqx.nn.GroupNorm(8, 32)),
        linen(nn.GroupNorm(8, epsilon=1e-5)),
    ),
    Case(
        "InstanceNorm",
        lx.InstanceNorm(32, affine=True),
        (32, 14, 14, 32),
        channels_first(eqx.nn.GroupNorm(32, 32)),
        linen(nn.InstanceNorm(epsilon=1e-5)),
    ),
    Case(
        "WeightNorm(Dense)",
        lx.WeightNorm(lx.Dense(256, 256)),
        (512, 256),
        by_sample(eqx.nn.WeightNorm(eqx.nn.Linear(256, 256, key=KEY))),
        linen(nn.WeightNorm(nn.Dense(256))),
    ),
    Case("SpectralNorm(Dense)", lx.SpectralNorm(lx.Dense(256, 256)), (512, 256), eqx_spectral()),
    Case(
        "Embedding",
        lx.Embedding(1000, 128),
        (64, 128),
        by_sample(eqx.nn.Embedding(1000, 128, key=KEY), axes=2),
        linen(nn.Embed(1000, 128)),
        prepare=indices(1000),
    ),
    Case(
        "MultiHeadAttention",
        lx.MultiHeadAttention(128, 8),
        (8, 128, 128),
        eqx_attention(128, 8, causal=False),
        linen(nn.MultiHeadDotProductAttention(8, deterministic=True)),
    ),
    Case(
        "MultiHeadAttention, causal",
        lx.MultiHeadAttention(128, 8, causal=True),
        (8, 128, 128),
        eqx_attention(128, 8, causal=True),
        linen(LinenCausal(8)),
    ),
    Case(
        "RNNCell, 64 steps",
        lx.Recurrence(lx.RNNCell(32, 64)),
        (32, 64, 32),
        None,
        linen(nn.RNN(nn.SimpleCell(64))),
    ),
    Case(
        "LSTMCell, 64 steps",
        lx.Recurrence(lx.LSTMCell(32, 64)),
        (32, 64, 32),
        eqx_recurrent(eqx.nn.LSTMCell(32, 64, key=KEY), 64, has_memory=True),
        linen(nn.RNN(nn.OptimizedLSTMCell(64))),
    ),
    Case(
        "GRUCell, 64 steps",
        lx.Recurrence(lx.GRUCell(32, 64)),
        (32, 64, 32),
        eqx_recurrent(eqx.nn.GRUCell(32, 64, key=KEY), 64),
        linen(nn.RNN(nn.GRUCell(64))),
    ),
    Case(
        "Stacked(Dense, 8)",
        lx.Stacked(lx.Dense(128, 128, jnp.tanh), 8),
        (256, 128),
        None,
        linen(LinenBlocks()),
    ),
    Case(
        "Conv 3×3×3",
        lx.Conv((3, 3, 3), 8, 8, padding="SAME"),
        (4, 12, 12, 12, 8),
        channels_first(eqx.nn.Conv3d(8, 8, 3, padding="SAME", key=KEY)),
        linen(nn.Conv(8, (3, 3, 3))),
    ),
    Case(
        "Conv 1×1",
        lx.Conv((1, 1), 32, 64),
        (16, 28, 28, 32),
        channels_first(eqx.nn.Conv2d(32, 64, 1, key=KEY)),
        linen(nn.Conv(64, (1, 1))),
    ),
    Case(
        "RotaryEmbedding",
        lx.RotaryEmbedding(64),
        (8, 256, 8, 64),
        by_sample(jax.vmap(eqx.nn.RotaryPositionalEmbedding(64), in_axes=1, out_axes=1)),
    ),
    Case(
        "BidirectionalRNN(LSTM)",
        lx.BidirectionalRNN(lx.LSTMCell(32, 64)),
        (32, 64, 32),
        None,
        linen(nn.Bidirectional(nn.RNN(nn.OptimizedLSTMCell(64)), nn.RNN(nn.OptimizedLSTMCell(64)))),
    ),
    Case(
        "mlp 64-256-256-10",
        lx.mlp(64, (256, 256, 10)),
        (256, 64),
        by_sample(eqx.nn.MLP(64, 10, 256, 2, key=KEY)),
        linen(nn.Sequential([nn.Dense(256), nn.relu, nn.Dense(256), nn.relu, nn.Dense(10)])),
    ),
]
