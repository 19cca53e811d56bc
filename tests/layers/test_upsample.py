"""Upsample: the values that one expects, sizes, dtypes, and what it refuses."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx


def values(layer, *x):
    return layer(jnp.asarray(x, jnp.float32).reshape(1, -1, 1), {}, {})[0].ravel()


def test_corners():
    aligned = values(lx.Upsample("linear", size=(4,), align_corners=True), 0, 3)
    np.testing.assert_allclose(aligned, [0, 1, 2, 3], atol=1e-6)
    centred = values(lx.Upsample("linear", size=(4,)), 0, 4)
    np.testing.assert_allclose(centred, [0, 1, 3, 4], atol=1e-6)


def test_nearest_repeats():
    np.testing.assert_array_equal(values(lx.Upsample(scale=3), 1, 2), [1, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(values(lx.Upsample(size=2), 1, 2, 3, 4), [1, 3])


@pytest.mark.parametrize("n", range(1, 60))
def test_nearest_is_exact(n):
    """Positions are integers where they should be: ⌊i · n / n⌋ = i, also by way of a scale."""
    x = range(n)
    for layer in (lx.Upsample(size=n), lx.Upsample(scale=1), lx.Upsample(scale=1.0)):
        np.testing.assert_array_equal(values(layer, *x), x)
    np.testing.assert_array_equal(values(lx.Upsample(scale=1.5), *x)[::3], x[::2])


def test_nearest_keeps_integers_and_infinity():
    x = jnp.array([1, 2]).reshape(1, 2, 1)
    y, _ = lx.Upsample(scale=2)(x, {}, {})
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(values(lx.Upsample(scale=2), np.inf, 1), [np.inf] * 2 + [1] * 2)


def test_linear_makes_floats_of_integers():
    y, _ = lx.Upsample("linear", size=(3,), align_corners=True)(
        jnp.array([1, 2]).reshape(1, 2, 1), {}, {}
    )
    np.testing.assert_array_equal(y.ravel(), [1, 1.5, 2])


def test_modes():
    with pytest.raises(
        ValueError,
        match=r"Upsample\.mode must be one of 'nearest', 'linear', 'bilinear', 'trilinear', "
        r"got 'bicubic'",
    ):
        lx.Upsample("bicubic", scale=2)


@pytest.mark.parametrize("given", [{}, {"scale": 2, "size": 4}])
def test_either_scale_or_size(given):
    with pytest.raises(
        ValueError, match=r"Upsample needs either scale or size, got scale = .* and size = .*"
    ):
        lx.Upsample("nearest", **given)


def test_nearest_has_no_corners_to_align():
    with pytest.raises(
        ValueError, match=r'Upsample\.align_corners must be False for "nearest", got True'
    ):
        lx.Upsample(scale=2, align_corners=True)


@pytest.mark.parametrize(
    ("mode", "scale", "count"),
    [
        ("linear", 0, "1"),
        ("linear", -1.5, "1"),
        ("linear", (2, 2), "1"),
        ("bilinear", (2,), "2"),
        ("bilinear", "2", "2"),
        ("trilinear", True, "3"),
        ("nearest", (1, 1, 1, 1), "1 to 3"),
        ("nearest", (), "1 to 3"),
        ("nearest", float("inf"), "1 to 3"),
        ("nearest", float("nan"), "1 to 3"),
    ],
)
def test_scales(mode, scale, count):
    with pytest.raises(
        ValueError,
        match=rf"Upsample\.scale must be a positive number or {count} of them, got .*",
    ):
        lx.Upsample(mode, scale=scale)


@pytest.mark.parametrize("size", [0, 2.0, (3,), (3, 0), True], ids=repr)
def test_sizes(size):
    with pytest.raises(
        ValueError, match=r"Upsample\.size must be a positive integer or 2 of them, got .*"
    ):
        lx.Upsample("bilinear", size=size)


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (lx.Upsample("bilinear", scale=2), (2, 5, 3), r"\(batch, height, width, channels\); got "),
        (lx.Upsample("linear", scale=2), (2, 5, 5, 3), r"\(batch, width, channels\); got f32"),
        (lx.Upsample(scale=(2, 2)), (2, 5, 3), r"\(batch, height, width, channels\); got f32"),
        (lx.Upsample(scale=2), (2, 5), r"\(batch, \*space, channels\) with 1 to 3 axes of space"),
    ],
    ids=repr,
)
def test_inputs_of_another_shape(layer, shape, expected):
    with pytest.raises(ValueError, match=f"expected x of shape {expected}"):
        layer(jnp.ones(shape), {}, {})


def test_a_scale_that_leaves_nothing():
    with pytest.raises(
        ValueError, match=r"scale = 0\.3 leaves nothing of axis 2 of x f32\[1,4,3,1\]"
    ):
        lx.Upsample(scale=0.3)(jnp.ones((1, 4, 3, 1)), {}, {})
