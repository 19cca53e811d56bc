"""Reshape, Select, ReverseSequence against NumPy, and what they refuse."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx

X = np.arange(120).reshape(2, 3, 4, 5)


def run(layer, x=X):
    return layer(jnp.asarray(x), *layer.init(0))[0]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((60,), (2, 60)),
        ((5, 12), (2, 5, 12)),
        ((-1,), (2, 60)),
        ((4, -1, 5), (2, 4, 3, 5)),
        ((60, -1), (2, 60, 1)),
    ],
    ids=str,
)
def test_reshape(shape, expected):
    np.testing.assert_array_equal(run(lx.Reshape(shape)), X.reshape(expected))


def test_reshape_of_an_empty_batch_and_of_scalars():
    assert run(lx.Reshape((2, -1)), np.ones((0, 6))).shape == (0, 2, 3)
    assert run(lx.Reshape((-1, 3)), np.ones((2, 0))).shape == (2, 0, 3)
    assert run(lx.Reshape(()), np.ones((4, 1))).shape == (4,)


@pytest.mark.parametrize("shape", [(61,), (30,), (7, -1), (120,), ()], ids=str)
def test_samples_that_do_not_fit(shape):
    with pytest.raises(
        ValueError, match=r"each sample has 60 elements, which do not fit .*; got x i32\[2,3,4,5\]"
    ):
        run(lx.Reshape(shape))


def test_reshape_needs_a_batch():
    with pytest.raises(ValueError, match=r"expected x of shape \(batch, …\); got i32\[\]"):
        run(lx.Reshape((1,)), np.array(1))


@pytest.mark.parametrize("shape", [3, (0,), (2, -2), (2.0,), (True,)], ids=repr)
def test_shapes(shape):
    with pytest.raises(
        ValueError,
        match=r"Reshape\.shape must be a tuple of positive integers, one of which may be -1, got ",
    ):
        lx.Reshape(shape)


def test_one_unknown_size():
    with pytest.raises(ValueError, match=r"Reshape\.shape may have one -1, got \(-1, -1\)"):
        lx.Reshape((-1, -1))


@pytest.mark.parametrize("axis", range(-4, 4))
@pytest.mark.parametrize(
    "index",
    [0, 1, -1, slice(None), slice(1, None), slice(-2, None), slice(None, None, -1), slice(5, 9),
     range(2), range(1, -1, -1), range(-1, 2), range(0)],
    ids=repr,
)  # fmt: skip
def test_select(axis, index):
    """NumPy's indexing, where a range is the list of its numbers."""
    places = np.array(index, int) if isinstance(index, range) else index
    front = np.moveaxis(X, axis, 0)[places]
    expected = front if isinstance(index, int) else np.moveaxis(front, 0, axis)
    np.testing.assert_array_equal(run(lx.Select(axis, index)), expected)


def test_slices_are_tuples():
    layer = lx.Select(1, slice(0, 4))
    assert layer == lx.Select(1, (0, 4, None)) and layer.index == (0, 4, None)
    assert lx.replace(layer, "index", slice(1, 2)) == lx.Select(1, slice(1, 2))
    assert repr(lx.Select(0, range(3))) == "Select(0, range(0, 3))"


@pytest.mark.parametrize("index", [3, -4, range(4), range(-4, 0)], ids=repr)
def test_places_that_are_not_there(index):
    """JAX would take the nearest."""
    with pytest.raises(ValueError, match=r"axis 1 of x has no .*; got i32\[2,3,4,5\]"):
        run(lx.Select(1, index))


@pytest.mark.parametrize("axis", range(-4, 4))
def test_reverse(axis):
    np.testing.assert_array_equal(run(lx.ReverseSequence(axis)), np.flip(X, axis))


def test_the_second_axis_is_time():
    assert lx.ReverseSequence() == lx.ReverseSequence(1)


@pytest.mark.parametrize("layer", [lx.Select(4, 0), lx.ReverseSequence(-5)], ids=repr)
def test_axes_that_are_not_there(layer):
    with pytest.raises(ValueError, match=r"expected x with an axis (4|-5); got i32\[2,3,4,5\]"):
        run(layer)


def test_what_is_no_array():
    with pytest.raises(ValueError, match=r"expected x with an axis 1; got 3"):
        lx.ReverseSequence()(3, {}, {})


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: lx.Select("a", 0), r"Select\.axis must be an integer, got 'a'"),
        (
            lambda: lx.Select(0, "a"),
            r"Select\.index must be an integer, a slice or a range, got 'a'",
        ),
        (lambda: lx.Select(0, (1, 2)), r"Select\.index must be .*, got \(1, 2\)"),
        (lambda: lx.Select(0, (1, 2.0, None)), r"Select\.index must be .*, got \(1, 2\.0, None\)"),
        (lambda: lx.ReverseSequence(True), r"ReverseSequence\.axis must be an integer, got True"),
    ],
)
def test_fields(make, says):
    with pytest.raises(ValueError, match=says):
        make()
