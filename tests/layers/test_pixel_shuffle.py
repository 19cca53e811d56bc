"""PixelShuffle: sizes, and what it refuses."""

import jax.numpy as jnp
import pytest

import luxnb as lx


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1, 4, 6), (1, 8, 3)), ((1, 2, 3, 8), (1, 4, 6, 2)), ((1, 1, 2, 3, 8), (1, 2, 4, 6, 1))],
)
def test_sizes(shape, expected):
    assert lx.PixelShuffle(2)(jnp.ones(shape), {}, {})[0].shape == expected


@pytest.mark.parametrize("factor", [0, 2.0, True, (2, 2)])
def test_factors(factor):
    with pytest.raises(ValueError, match=r"PixelShuffle\.factor must be a positive integer, got"):
        lx.PixelShuffle(factor)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((1, 2, 3), r"x with a multiple of factor = 2 channels; got f32\[1,2,3\]"),
        ((1, 2, 2, 6), r"x with a multiple of factor\^2 = 4 channels; got f32\[1,2,2,6\]"),
        ((2, 4), r"x of shape \(batch, \*space, channels\) with 1 to 3 axes of space; got f32"),
    ],
)
def test_inputs_of_another_shape(shape, expected):
    with pytest.raises(ValueError, match=f"expected {expected}"):
        lx.PixelShuffle(2)(jnp.ones(shape), {}, {})
