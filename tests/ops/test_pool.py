"""Pooling and its gradient against loops."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.ops.pool import max_pool, mean_pool, p_norm, sum_pool
from tests.windows import largest, padded, same_padding, windows

RNG = np.random.default_rng(0)

CASES = [
    # space, window, stride, padding, dilation
    ((9,), (3,), (2,), ((1, 2),), (1,)),
    ((9,), (3,), (1,), "SAME", (2,)),
    ((12,), (6,), (1,), ((0, 0),), (2,)),
    ((6, 7), (2, 3), (1, 2), ((0, 1), (2, 0)), (1, 1)),
    ((6, 7), (3, 2), (2, 3), "SAME", (1, 1)),
    ((7, 5), (2, 3), (2, 3), ((0, 1), (2, 0)), (1, 1)),
    ((7, 7), (3, 3), (1, 1), "VALID", (2, 3)),
    ((5, 4), (2, 1), (1, 2), ((1, 0), (0, 0)), (2, 1)),
    ((4, 5, 3), (2, 2, 2), (2, 1, 1), ((1, 0), (0, 0), (1, 1)), (1, 2, 1)),
]


def array(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def pairs(padding, space, window, stride, dilation):
    if padding == "SAME":
        return same_padding(space, window, stride, dilation)
    return [(0, 0)] * len(space) if padding == "VALID" else padding


@pytest.mark.parametrize("case", CASES, ids=str)
def test_max_pool_against_loops(case):
    space, window, stride, padding, dilation = case
    x = array(2, *space, 3) - 5  # all negative: padding with zeros would win
    y = max_pool(jnp.asarray(x), window, stride, padding, dilation)
    before_after = pairs(padding, space, window, stride, dilation)
    np.testing.assert_array_equal(y, largest(x, window, stride, before_after, dilation))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_sum_pool_against_loops(case):
    space, window, stride, padding, dilation = case
    x = array(2, *space, 3)
    y = sum_pool(jnp.asarray(x), window, stride, padding, dilation)
    expected = np.zeros(y.shape)
    zeros = padded(x, pairs(padding, space, window, stride, dilation), 0)
    for place, counts, seen in windows(zeros, window, stride, dilation):
        assert list(y.shape[1:-1]) == counts
        expected[(slice(None), *place)] = seen.reshape(2, -1, 3).sum(1)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dilation", [1, 2])
def test_the_gradient_of_max_pool_goes_to_the_largest(dilation):
    x = array(1, 7, 6, 2)
    shape, stride, padding, each = (2, 3), (1, 2), ((1, 0), (0, 1)), (dilation, 1)
    got = jax.grad(lambda x: max_pool(x, shape, stride, padding, each).sum())(jnp.asarray(x))
    expected = np.zeros_like(x)
    padded = np.pad(x, [(0, 0), *padding, (0, 0)], constant_values=-np.inf)
    for i, j, c in itertools.product(range((8 - dilation - 1) + 1), range(3), range(2)):
        places = [(i + a * dilation, 2 * j + b) for a in range(2) for b in range(3)]
        row, column = max(places, key=lambda place: padded[0, *place, c])
        expected[0, row - 1, column, c] += 1
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("window", range(1, 10))
def test_equal_elements_give_the_gradient_to_the_first(window):
    x = jnp.zeros((1, 9, 1))
    got = jax.grad(lambda x: max_pool(x, (window,), (window,), "VALID", (1,)).sum())(x)
    expected = [float(i % window == 0 and i + window <= 9) for i in range(9)]
    np.testing.assert_array_equal(got.ravel(), expected)


@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_max_pool_of_integers(dtype):
    x = jnp.asarray(RNG.integers(0, 99, (1, 6, 1)), dtype)
    for dilation in (1, 2):
        y = max_pool(x, (2,), (1,), ((1, 1),), (dilation,))
        expected = largest(np.asarray(x, float), (2,), (1,), [(1, 1)], (dilation,))
        assert y.dtype == dtype
        np.testing.assert_array_equal(y, expected)


def test_means_and_norms_of_integers_are_floats():
    x = jnp.array([1, 2, 3, 5]).reshape(1, 4, 1)
    y = mean_pool(x, (2,), (2,), "VALID", (1,), True)
    np.testing.assert_array_equal(y.ravel(), [1.5, 4.0])
    np.testing.assert_allclose(p_norm(x, 2, jnp.sum), 39**0.5, rtol=1e-6)


def test_means_in_half_precision_are_summed_in_float32():
    """256 + 1 is 256 in bfloat16, so a sum of ones could not pass it."""
    y = mean_pool(jnp.ones((1, 1000, 1), jnp.bfloat16), (1000,), (1,), "VALID", (1,), True)
    assert y.dtype == jnp.bfloat16
    assert y.item() == 1


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 10])
@pytest.mark.parametrize("size", [0.0, 1e-42, 1e-30, 1e-10, 1.0])
def test_the_gradient_of_a_norm_is_finite(p, size):
    x = jnp.full((4,), size)
    gradient = jax.grad(lambda x: p_norm(x, p, jnp.sum))(x)
    assert np.isfinite(gradient).all()
    if size == 0:
        np.testing.assert_array_equal(gradient, np.zeros(4))
    if size == 1:
        np.testing.assert_allclose(gradient, np.full(4, 4.0 ** (1 / p - 1)), rtol=1e-5)
