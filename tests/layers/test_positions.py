"""Positions: where they end, how exact they are, and what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx


@pytest.mark.parametrize("shape", [(7, 3), (2, 4, 4), (3,), ()], ids=str)
def test_position_embedding_refuses(shape):
    layer = lx.PositionEmbedding(6, 3)
    with pytest.raises(ValueError, match=r"expected x of shape \(…, n ≤ 6, 3\); got f32\["):
        layer(jnp.ones(shape), *layer.init(0))


def test_sinusoidal_vectors_have_length_one():
    layer = lx.SinusoidalEmbedding(10)
    y, _ = layer(jnp.linspace(-3, 50, 7), {}, {})
    np.testing.assert_allclose(jnp.linalg.norm(y, axis=-1), 1, rtol=1e-6)


@pytest.mark.parametrize("x64", [False, True])
def test_sinusoidal_embedding_of_integers(x64):
    layer = lx.SinusoidalEmbedding(4)
    with jax.enable_x64(x64):
        y, _ = layer(jnp.arange(5), {}, {})
    assert y.dtype == jnp.float32
    np.testing.assert_array_equal(y, layer(jnp.arange(5.0), {}, {})[0])


def test_sinusoidal_embedding_is_made_in_more_than_bfloat16():
    """In bfloat16 the angles 256.0 · 0.5 and (256.0 + 2) · 0.5 would be one."""
    layer = lx.SinusoidalEmbedding(2, max_frequency=0.5)
    x = jnp.array([256.0, 258.0], jnp.bfloat16)
    y, _ = layer(x, {}, {})
    exact = [[np.sin(v / 2), np.cos(v / 2)] for v in (256.0, 258.0)]
    np.testing.assert_allclose(np.asarray(y, float), exact, atol=4e-3)


@pytest.mark.parametrize("x", [1.5, jnp.array([True]), (jnp.ones(2),)], ids=str)
def test_sinusoidal_embedding_refuses(x):
    layer = lx.SinusoidalEmbedding(4)
    with pytest.raises(TypeError, match="expected x to be an array of numbers, got "):
        layer(x, {}, {})


@pytest.mark.parametrize("kind", [lx.SinusoidalEmbedding, lx.RotaryEmbedding])
def test_dims_are_even(kind):
    with pytest.raises(ValueError, match=rf"{kind.__name__}\.dims must be even, got 5"):
        kind(5)
    with pytest.raises(ValueError, match=r"\.dims must be a positive integer, got 0"):
        kind(0)


def test_other_fields():
    with pytest.raises(ValueError, match=r"SinusoidalEmbedding\.min_frequency must be positive"):
        lx.SinusoidalEmbedding(4, min_frequency=0.0)
    with pytest.raises(ValueError, match=r"RotaryEmbedding\.base must be positive, got -1"):
        lx.RotaryEmbedding(4, base=-1)
    with pytest.raises(ValueError, match=r"RotaryEmbedding\.max_length must be a positive integer"):
        lx.RotaryEmbedding(4, max_length=0)
    with pytest.raises(ValueError, match=r"PositionEmbedding\.length must be a positive integer"):
        lx.PositionEmbedding(0, 4)


def test_rotation_leaves_position_zero_and_all_lengths():
    layer = lx.RotaryEmbedding(6)
    x = np.random.default_rng(0).normal(size=(2, 9, 3, 6)).astype(np.float32)
    y, _ = layer(x, {}, {})
    np.testing.assert_array_equal(y[:, 0], x[:, 0])
    lengths = [np.linalg.norm(v, axis=-1) for v in (x, y)]
    np.testing.assert_allclose(*lengths, rtol=1e-5)


def test_rotation_in_bfloat16_is_made_in_float32():
    """Within the rounding of what comes out, which cos and sin in bfloat16 would not be."""
    layer = lx.RotaryEmbedding(64)
    x = np.random.default_rng(0).normal(size=(1, 500, 1, 64)).astype(jnp.bfloat16)
    half, _ = layer(x, {}, {})
    full, _ = layer(x.astype(np.float32), {}, {})
    assert half.dtype == jnp.bfloat16
    np.testing.assert_array_equal(half, full.astype(jnp.bfloat16))


@pytest.mark.parametrize("run", [lambda f: f, jax.jit], ids=["eager", "jit"])
def test_a_position_that_is_not_in_the_table_gives_nan(run):
    layer = lx.RotaryEmbedding(2, max_length=8)
    x = jnp.ones((1, 4, 1, 2))
    y, _ = run(layer)((x, jnp.array([0, 7, 8, -1])), {}, {})
    assert np.isnan(np.asarray(y)).all(axis=(0, 2, 3)).tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (jnp.ones((1, 3, 2, 6)), r"\(…, length, heads, 4\), dims = 4; got f32\[1,3,2,6\]"),
        (jnp.ones((3, 4)), r"\(…, length, heads, 4\), dims = 4; got f32\[3,4\]"),
        (
            jnp.ones((1, 9, 2, 4)),
            r"RotaryEmbedding\.max_length is 8; got x of shape \(1, 9, 2, 4\)",
        ),
        (
            (jnp.ones((2, 3, 1, 4)), jnp.zeros(2, int)),
            r"positions as integers of shape \(3,\) or \(2, 3\); got i32\[2\]",
        ),
        (
            (jnp.ones((2, 3, 1, 4)), jnp.zeros((2, 3))),
            r"positions as integers of shape \(3,\) or \(2, 3\); got f32\[2,3\]",
        ),
    ],
)
def test_rotary_embedding_refuses(x, message):
    with pytest.raises(ValueError, match=message):
        lx.RotaryEmbedding(4, max_length=8)(x, {}, {})
