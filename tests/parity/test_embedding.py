"""Embeddings and positions against PyTorch's embedding and formulas in its operations."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch


@pytest.mark.parametrize("shape", [(), (1,), (7,), (2, 3)], ids=str)
def test_embedding(shape):
    """Ids come several times, so that their gradients add up."""
    layer = lx.Embedding(4, 3)
    assert_agree(
        lambda x, weight: layer(x, {"weight": weight}, {})[0],
        torch.nn.functional.embedding,
        np.random.default_rng(0).integers(0, 4, shape),
        random(4, 3),
    )


def test_embedding_of_several_sizes():
    """A table of 4 rows and 5 columns is one of 20 ids."""
    layer = lx.Embedding((4, 5), 3)
    rng = np.random.default_rng(0)

    def theirs(row, column, weight):
        return torch.nn.functional.embedding(5 * row + column, weight.reshape(20, 3))

    assert_agree(
        lambda row, column, weight: layer((row, column), {"weight": weight}, {})[0],
        theirs,
        rng.integers(0, 4, (2, 6)),
        rng.integers(0, 5, (2, 6)),
        random(4, 5, 3),
    )


@pytest.mark.parametrize("length", [1, 4, 6])
def test_position_embedding(length):
    layer = lx.PositionEmbedding(6, 3)

    def theirs(x, weight):
        return x + torch.nn.functional.embedding(torch.arange(length), weight)

    assert_agree(
        lambda x, weight: layer(x, {"weight": weight}, {"cache": {}})[0],
        theirs,
        random(2, length, 3),
        random(6, 3),
    )


def sinusoids(x, dims, low, high, scale, turn):
    """One frequency after the other, each a step of one ratio below the last."""
    half = dims // 2
    ratio = (low / high) ** (1 / max(1, half - 1))
    angles = [x * (turn * high * ratio**i) for i in range(half)]
    return scale * torch.stack([a.sin() for a in angles] + [a.cos() for a in angles], dim=-1)


@pytest.mark.parametrize(
    ("layer", "arguments"),
    [
        (lx.SinusoidalEmbedding(8), (8, 1e-4, 1.0, 0.5, 1)),
        (lx.SinusoidalEmbedding(2), (2, 1e-4, 1.0, 1.0, 1)),
        (
            lx.SinusoidalEmbedding(6, min_frequency=0.1, max_frequency=2.0, scale=3.0),
            (6, 0.1, 2.0, 3.0, 1),
        ),
        (
            lx.SinusoidalEmbedding(4, max_frequency=3.0, full_turns=True),
            (4, 1e-4, 3.0, math.sqrt(0.5), 2 * math.pi),
        ),
    ],
    ids=repr,
)
def test_sinusoidal_embedding(layer, arguments):
    assert_agree(lambda x: layer(x, {}, {})[0], lambda x: sinusoids(x, *arguments), random(3, 4))


def complex_rotation(x, positions, base):
    """Pairs as complex numbers, times exp(iθ); θ in double precision."""
    half = x.shape[-1] // 2
    angles = positions.double()[..., None] / base ** (torch.arange(half).double() / half)
    turns = torch.polar(torch.ones_like(angles), angles).to(torch.view_as_complex(_pairs(x)).dtype)
    turned = torch.view_as_complex(_pairs(x)) * turns[..., None, :]
    return torch.cat([turned.real, turned.imag], dim=-1)


def _pairs(x):
    return torch.stack(torch.chunk(x, 2, dim=-1), dim=-1)


@pytest.mark.parametrize("shape", [(5, 1, 2), (2, 7, 3, 8), (1, 2, 3, 1, 4)], ids=str)
def test_rotary_embedding(shape):
    layer = lx.RotaryEmbedding(shape[-1])

    def theirs(x):
        return complex_rotation(x, torch.arange(shape[-3]), 10000.0)

    assert_agree(lambda x: layer(x, {}, {})[0], theirs, random(*shape))


@pytest.mark.parametrize("places", [(7,), (2, 7)], ids=str)
def test_rotary_embedding_at_positions(places):
    """Also far out, where an angle in float32 would be off by more than the tolerance."""
    layer = lx.RotaryEmbedding(6, base=500.0, max_length=100_000)
    positions = np.random.default_rng(0).integers(0, 100_000, places)
    assert_agree(
        lambda x, positions: layer((x, positions), {}, {})[0],
        lambda x, positions: complex_rotation(x, positions, 500.0),
        random(2, 7, 3, 6),
        positions,
    )


def test_the_product_of_two_turned_vectors_depends_on_their_distance():
    layer = lx.RotaryEmbedding(8)
    q, k = random(1, 1, 1, 8), random(1, 1, 1, 8, seed=1)

    def product(i, j):
        (a, _), (b, _) = (layer((v, jnp.array([p])), {}, {}) for v, p in ((q, i), (k, j)))
        return float(jnp.sum(a * b))

    assert product(3, 10) == pytest.approx(product(40, 47), abs=1e-5)
    assert product(3, 10) != pytest.approx(product(3, 13), abs=1e-2)
