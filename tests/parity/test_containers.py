"""Layers made of layers against the same composition of PyTorch's functions."""

import operator

import jax.numpy as jnp

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch

linear = torch.nn.functional.linear
X, Y = random(4, 3), random(4, 3, seed=1)
SQUARE = random(3, 3), random(3)
OTHER = random(3, 3, seed=1), random(3, seed=1)


def params(weight, bias):
    return {"weight": weight, "bias": bias}


def run(layer, x, ps):
    _, st = layer.init(0)
    return layer(x, ps, st)[0]


def test_skip_connection():
    layer = lx.SkipConnection(lx.Dense(3, 3, jnp.tanh))
    assert_agree(
        lambda x, w, b: run(layer, x, {"layer": params(w, b)}),
        lambda x, w, b: torch.tanh(linear(x, w.T, b)) + x,
        X,
        *SQUARE,
    )


def test_parallel():
    layer = lx.Parallel(operator.truediv, one=lx.Dense(3, 3), two=jnp.exp)
    assert_agree(
        lambda x, y, w, b: run(layer, (x, y), {"one": params(w, b), "two": {}}),
        lambda x, y, w, b: linear(x, w.T, b) / torch.exp(y),
        X,
        Y,
        *SQUARE,
    )


def test_branch():
    layer = lx.Branch(lx.Dense(3, 3), lx.Dense(3, 3, jnp.tanh))
    assert_agree(
        lambda x, w, b, v, c: run(layer, x, {"layer_1": params(w, b), "layer_2": params(v, c)}),
        lambda x, w, b, v, c: (linear(x, w.T, b), torch.tanh(linear(x, v.T, c))),
        X,
        *SQUARE,
        *OTHER,
    )


def test_pairwise_fusion():
    """The layer's output comes first: the difference tells the order."""
    layer = lx.PairwiseFusion(operator.sub, lx.Dense(3, 3), jnp.tanh)
    assert_agree(
        lambda x, y, z, w, b: run(layer, (x, y, z), {"layer_1": params(w, b), "layer_2": {}}),
        lambda x, y, z, w, b: torch.tanh(linear(x, w.T, b) - y) - z,
        X,
        Y,
        random(4, 3, seed=2),
        *SQUARE,
    )


def test_maxout():
    layer = lx.Maxout([lx.Dense(3, 3)] * 3)

    def ours(x, *arrays):
        names = ("layer_1", "layer_2", "layer_3")
        pairs = zip(arrays[::2], arrays[1::2], strict=True)
        return run(layer, x, {n: params(*pair) for n, pair in zip(names, pairs, strict=True)})

    def theirs(x, *arrays):
        outputs = [linear(x, w.T, b) for w, b in zip(arrays[::2], arrays[1::2], strict=True)]
        return torch.stack(outputs).amax(0)

    assert_agree(ours, theirs, X, *SQUARE, *OTHER, random(3, 3, seed=2), random(3, seed=2))


def test_repeated():
    layer = lx.Repeated(lx.Dense(3, 3, jnp.tanh), 4)

    def theirs(x, w, b):
        for _ in range(4):
            x = torch.tanh(linear(x, w.T, b))
        return x

    assert_agree(lambda x, w, b: run(layer, x, {"layer": params(w, b)}), theirs, X, *SQUARE)


def test_repeated_with_injection():
    block = lx.Parallel(jnp.add, lx.Dense(3, 3, jnp.tanh), lx.Dense(3, 3))
    layer = lx.Repeated(block, 3, input_injection=True)

    def ours(x, w, b, v, c):
        return run(layer, x, {"layer": {"layer_1": params(w, b), "layer_2": params(v, c)}})

    def theirs(x, w, b, v, c):
        y = x
        for _ in range(3):
            y = torch.tanh(linear(y, w.T, b)) + linear(x, v.T, c)
        return y

    assert_agree(ours, theirs, X, *SQUARE, *OTHER)


def stacked(x, weight, bias):
    """A Python loop over the first axis of each parameter."""
    for w, b in zip(weight, bias, strict=True):
        x = torch.tanh(linear(x, w.T, b))
    return x


def test_stacked():
    arrays = X, random(5, 3, 3), random(5, 3)
    for options in ({}, {"remat": True}, {"unroll": 2}, {"remat": True, "unroll": 5}):
        layer = lx.Stacked(lx.Dense(3, 3, jnp.tanh), 5, **options)
        assert_agree(lambda x, w, b: run(layer, x, {"layer": params(w, b)}), stacked, *arrays)  # noqa: B023


def test_frozen():
    layer = lx.Frozen(lx.Dense(3, 3, jnp.tanh), ("weight",))
    weight, bias = SQUARE

    def ours(x, bias):
        state = {"frozen": {"weight": jnp.asarray(weight, x.dtype)}, "layer": {}}
        return layer(x, {"layer": {"bias": bias}}, state)[0]

    def theirs(x, bias):
        return torch.tanh(linear(x, torch.tensor(weight, dtype=x.dtype).T, bias))

    assert_agree(ours, theirs, X, bias)
