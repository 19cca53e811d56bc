"""Arrays laid out as one grid: what is averaged, what is left out, what stands where."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from luxnb.display.tiles import tiles

RANDOM = np.random.default_rng(0)


def grid(array, rows=256, columns=256, axes=None):
    return tiles(array, rows=rows, columns=columns, axes=axes)


def test_small_arrays_are_themselves():
    matrix = RANDOM.normal(size=(5, 7))
    np.testing.assert_array_equal(grid(matrix).grid, matrix)
    np.testing.assert_array_equal(grid(matrix[0]).grid, matrix[:1])
    np.testing.assert_array_equal(grid(np.float32(3)).grid, [[3]])
    assert grid(matrix).notes == () and grid(matrix).is_there.all()
    assert (grid(matrix).low, grid(matrix).high) == (matrix.min(), matrix.max())


def test_large_ones_are_averaged():
    matrix = RANDOM.normal(size=(1000, 300)).astype(np.float32)
    found = grid(matrix)
    assert found.notes == ("averaged 4×2",) and found.grid.shape == (250, 150)
    expected = matrix.astype(float).reshape(250, 4, 150, 2).mean((1, 3))
    np.testing.assert_allclose(found.grid, expected, atol=1e-7)


def test_the_last_block_may_be_smaller():
    found = grid(np.arange(10.0), columns=4)
    np.testing.assert_array_equal(found.grid, [[1, 4, 7, 9]])


@given(some.lists(some.integers(1, 40), max_size=4), some.integers(4, 64), some.integers(4, 64))
@settings(max_examples=200, deadline=None)
def test_it_always_fits_and_no_number_is_made_up(shape, rows, columns):
    array = RANDOM.integers(0, 9, shape).astype(float)
    found = grid(array, rows, columns)
    height, width = found.grid.shape
    assert height <= max(rows, 12) and width <= max(columns, 12)
    assert np.isfinite(found.grid[found.is_there]).all()
    assert np.isnan(found.grid[~found.is_there]).all()
    assert array.min() <= found.low <= found.high <= array.max()
    if not found.notes:
        assert sorted(found.grid[found.is_there]) == sorted(array.ravel())


def test_what_is_not_finite_stays():
    matrix = np.ones((600, 600))
    matrix[17, 31], matrix[599, 599] = np.nan, np.inf
    found = grid(matrix)
    assert found.is_bad.sum() == 2
    assert found.is_bad[17 // 3, 31 // 3] and found.is_bad[-1, -1]


def test_a_table_of_attention_heads():
    heads = RANDOM.normal(size=(2, 3, 8, 8))
    found = grid(heads)
    assert found.grid.shape == (2 * 9 - 1, 3 * 9 - 1)
    for batch in range(2):
        for head in range(3):
            tile = found.grid[9 * batch : 9 * batch + 8, 9 * head : 9 * head + 8]
            np.testing.assert_array_equal(tile, heads[batch, head])
    assert found.is_gap[8].all() and found.is_gap[:, 8].all()


def test_the_kernels_of_a_convolution():
    kernel = RANDOM.normal(size=(3, 3, 4, 6))
    found = grid(kernel)
    assert found.grid.shape == (4 * 4 - 1, 6 * 4 - 1)
    np.testing.assert_array_equal(found.grid[4:7, 8:11], kernel[:, :, 1, 2])


def test_many_pictures_make_a_square():
    kernel = RANDOM.normal(size=(7, 7, 1, 60))
    found = grid(kernel)
    assert found.grid.shape == (8 * 8 - 1, 8 * 8 - 1)
    np.testing.assert_array_equal(found.grid[:7, 8:15], kernel[:, :, 0, 1])
    assert not found.is_there[56:, 32:].any()  # four places are left


def test_too_many_pictures_are_left_out():
    found = grid(RANDOM.normal(size=(3, 3, 200, 200)))
    assert found.notes == ("4,096 of 40,000 pictures",) and found.grid.shape == (255, 255)
    pictures = RANDOM.normal(size=(500, 20, 20))
    found = grid(pictures, 42, 42)
    assert found.notes == ("averaged 3×3", "25 of 500 pictures")
    np.testing.assert_allclose(found.grid[0, 8], pictures[1, :3, :3].mean())


def test_images_and_chosen_axes():
    batch = RANDOM.normal(size=(4, 9, 8, 3))
    found = grid(batch)
    np.testing.assert_array_equal(found.grid[:9, :8], batch[0, :, :, 0])
    wide = RANDOM.normal(size=(4, 9, 8, 30))
    np.testing.assert_array_equal(grid(wide, axes=(1, 2)).grid[:9, :8], wide[0, :, :, 0])
    np.testing.assert_array_equal(grid(wide, axes=(-2, 1)).grid[:8, :9], wide[0, :, :, 0].T)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float8_e5m2, jnp.int8, jnp.bool_, jnp.uint4])
def test_other_dtypes(dtype):
    array = jnp.array([[0, 1], [1, 0]]).astype(dtype)
    np.testing.assert_array_equal(grid(array).grid, [[0, 1], [1, 0]])


def test_complex_numbers_have_magnitudes():
    np.testing.assert_array_equal(grid(np.array([3 + 4j, -1])).grid, [[5, 1]])


DELETED = jnp.ones(3)
DELETED.delete()


@pytest.mark.parametrize(
    ("array", "axes", "error", "message"),
    [
        ([1, 2], None, TypeError, r"heatmap needs an array, got \(1, 2\)"),
        (jnp.zeros((0, 3)), None, ValueError, r"heatmap needs elements, and f32\[0,3\] has none"),
        (DELETED, None, ValueError, r"heatmap needs numbers, and f32\[3\] has none: deleted"),
        (jax.random.key(0), None, ValueError, r"heatmap needs numbers, and key\[\] has none: rand"),
        (
            np.ones((2, 3)),
            (0, 2),
            ValueError,
            r"heatmap.axes must be two of the array's 2 axes, .*",
        ),
        (np.ones((2, 3)), (1, -1), ValueError, r".*such as \(0, 1\), got \(1, -1\)"),
        (np.ones((2, 3)), 1, ValueError, r".*such as \(0, 1\), got 1"),
        (np.ones(3), (0, 1), ValueError, r"heatmap.axes must be two of the array's 1 axes, .*"),
    ],
)
def test_what_cannot_be_shown(array, axes, error, message):
    with pytest.raises(error, match=f"^{message}"):
        grid(array, axes=axes)
