"""Layers as a person says them, by the names of their fields alone."""

import functools
import operator
from collections.abc import Callable
from dataclasses import KW_ONLY, field

import jax
import jax.numpy as jnp
import pytest

from luxnb import (
    BatchNorm,
    Chain,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Function,
    Identity,
    Layer,
    LSTMCell,
    MaxPool,
    SkipConnection,
    activations,
    init,
)
from luxnb.display.config import brief, config


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Dense(784, 256, jax.nn.relu), "Dense(784 => 256, relu)"),
        (Dense(784, 256), "Dense(784 => 256)"),
        (Dense(2, 3, use_bias=False), "Dense(2 => 3, use_bias=False)"),
        (Dense(2, 3, init_bias=init.zeros()), "Dense(2 => 3, init_bias=zeros())"),
        (Dense(2, 3, activations.softshrink(0.2)), "Dense(2 => 3, softshrink(0.2))"),
        (LSTMCell(3, 5, use_bias=False), "LSTMCell(3 => 5, use_bias=False)"),
        (Conv((3, 3), 1, 8, jax.nn.gelu), "Conv((3, 3), 1 => 8, gelu)"),
        (
            Conv((3,), 4, 8, padding="SAME", groups=2),
            "Conv((3,), 4 => 8, padding='SAME', groups=2)",
        ),
        (MaxPool((2, 2)), "MaxPool((2, 2))"),
        (Dropout(), "Dropout(0.5)"),
        (BatchNorm(16, eps=1e-3), "BatchNorm(16, eps=0.001)"),
        (Flatten(), "Flatten()"),
        (Function(jnp.tanh), "Function(tanh)"),
        (Chain(Identity()), "Chain"),
        (SkipConnection(Identity()), "SkipConnection"),
        (SkipConnection(Identity(), operator.sub), "SkipConnection(sub)"),
    ],
)
def test_our_layers(layer, said):
    assert config(layer) == said


class Mine(Layer):
    """A user's layer, with fields of all sorts."""

    heads: int
    in_channels: int
    out_channels: int
    act: Callable = jnp.tanh
    depth: int = 3
    size: int | None = None
    _: KW_ONLY
    in_late: int = 1
    out_late: int = 2
    hidden: int = field(default=7, init=False)
    inner: Layer = Identity()


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Mine(2, 3, 4), "Mine(2, 3 => 4, depth=3)"),
        (Mine(2, 3, 4, jnp.sin, 5, 6), "Mine(2, 3 => 4, sin, 5, 6)"),
        (Mine(2, 3, 4, in_late=8), "Mine(2, 3 => 4, depth=3, in_late=8)"),
    ],
)
def test_a_users_layer_is_said_the_same_way(layer, said):
    assert config(layer) == said


def my_function(x):
    return x


class Callee:
    def __call__(self, x):
        return x

    def method(self, x):
        return x


class Fails:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (my_function, "my_function"),
        (jax.nn.relu, "relu"),
        (jnp.add, "add"),
        (functools.partial(jax.nn.leaky_relu, negative_slope=0.1),
         "partial(leaky_relu, negative_slope=0.1)"),
        (Callee(), "Callee()"),
        (Callee().method, "method"),
        (jnp.bfloat16, "bfloat16"),
        ((1, (jax.nn.relu,)), "(1, (relu,))"),
        (object(), "<object object>"),
        (Fails(), "<Fails: repr failed>"),
        ("x" * 100, "'" + "x" * 58 + "…"),
    ],
)  # fmt: skip
def test_values(value, said):
    assert brief(value) == said


def test_a_lambda_is_said_by_its_place():
    assert brief(lambda x: x).startswith("λ at test_config.py:")
