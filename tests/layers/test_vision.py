"""The parts of a vision transformer: places of patches and of the token, and what they refuse."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx


def test_the_token_comes_first():
    layer = lx.ClassToken(3, init_token=lx.init.ones())
    x = jnp.arange(12.0).reshape(2, 2, 3)
    y, _ = layer(x, *layer.init(0))
    np.testing.assert_array_equal(y[:, 0], np.ones((2, 3)))
    np.testing.assert_array_equal(y[:, 1:], x)


def test_patches_that_overlap_nothing_else():
    """A change of one pixel is seen in its patch alone."""
    layer = lx.PatchEmbedding((4, 6), 2, 1, 5)
    assert layer.patches == 6
    ps, st = layer.init(0)
    x = jnp.zeros((1, 4, 6, 1))
    change = layer(x.at[0, 3, 2].set(1.0), ps, st)[0] - layer(x, ps, st)[0]
    assert np.flatnonzero(np.any(change[0], axis=-1)).tolist() == [4]  # second row, second column


def test_the_projection_can_be_exchanged():
    layer = lx.PatchEmbedding(4, 2, 1, 5)
    other = lx.Conv((2, 2), 1, 5, stride=2, use_bias=False)
    changed = lx.replace(layer, "projection", other)
    assert list(changed.init(0)[0].projection) == ["weight"]
    assert changed(jnp.ones((1, 4, 4, 1)), *changed.init(0))[0].shape == (1, 4, 5)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((5, 2, 1, 4), r"PatchEmbedding\.image_size must be a multiple of patch_size = 2, got 5"),
        (((4, 5), 2, 1, 4), r"multiple of patch_size = 2, got \(4, 5\)"),
        ((0, 2, 1, 4), r"PatchEmbedding\.image_size must be a positive integer or 2 of them"),
        ((4, (2,), 1, 4), r"PatchEmbedding\.patch_size must be a positive integer or 2 of them"),
        ((4, 2, 0, 4), r"PatchEmbedding\.in_channels must be a positive integer, got 0"),
        ((4, 2, 1, 0), r"PatchEmbedding\.dims must be a positive integer, got 0"),
    ],
)
def test_fields_of_patches(fields, message):
    with pytest.raises(ValueError, match=message):
        lx.PatchEmbedding(*fields)


def test_fields_of_tokens():
    with pytest.raises(ValueError, match=r"ClassToken\.dims must be a positive integer, got 0"):
        lx.ClassToken(0)
    with pytest.raises(TypeError, match=r"ClassToken\.init_token is the class zeros; write zeros"):
        lx.ClassToken(2, init_token=lx.init.zeros)


@pytest.mark.parametrize("shape", [(1, 4, 5, 1), (1, 4, 4, 2), (4, 4, 1), (4,)], ids=str)
def test_images_of_another_size(shape):
    layer = lx.PatchEmbedding(4, 2, 1, 5)
    with pytest.raises(ValueError, match=r"expected x of shape \(batch, 4, 4, 1\); got f32\["):
        layer(jnp.ones(shape), *layer.init(0))


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3), (3,)], ids=str)
def test_sequences_of_another_size(shape):
    layer = lx.ClassToken(3)
    with pytest.raises(ValueError, match=r"expected x of shape \(batch, n, 3\); got f32\["):
        layer(jnp.ones(shape), *layer.init(0))
