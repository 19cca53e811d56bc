"""Cross-correlation against SciPy and loops; pooling and its gradient against loops."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.signal

from luxnb.ops.conv import conv, max_pool
from tests.windows import correlate, largest, same_padding

RNG = np.random.default_rng(0)


def array(*shape):
    return RNG.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_against_scipy(axes):
    """One channel in, one out: SciPy's correlate, which does not flip the kernel either."""
    x, weight = array(1, *(7, 6, 5)[:axes], 1), array(*(3, 2, 4)[:axes], 1, 1)
    y = conv(x, weight, (1,) * axes, ((0, 0),) * axes, (1,) * axes, 1)
    expected = scipy.signal.correlate(x[0, ..., 0], weight[..., 0, 0], mode="valid")
    np.testing.assert_allclose(y[0, ..., 0], expected, rtol=1e-4, atol=1e-5)


CASES = [
    # space, kernel, stride, padding, dilation, groups
    ((9,), (3,), (2,), ((1, 2),), (1,), 1),
    ((9,), (3,), (1,), "SAME", (2,), 2),
    ((6, 7), (2, 3), (1, 2), ((0, 1), (2, 0)), (1, 1), 1),
    ((6, 7), (3, 2), (2, 3), "SAME", (1, 1), 4),
    ((7, 7), (3, 3), (1, 1), "VALID", (2, 3), 2),
    ((4, 5, 3), (2, 2, 2), (2, 1, 1), ((1, 0), (0, 0), (1, 1)), (1, 2, 1), 2),
]


def pairs(padding, space, kernel, stride, dilation):
    if padding == "SAME":
        return same_padding(space, kernel, stride, dilation)
    return [(0, 0)] * len(space) if padding == "VALID" else padding


@pytest.mark.parametrize("case", CASES, ids=str)
def test_conv_against_loops(case):
    space, kernel, stride, padding, dilation, groups = case
    x, weight = array(2, *space, 4), array(*kernel, 4 // groups, 8)
    y = conv(x, weight, stride, padding, dilation, groups)
    before_after = pairs(padding, space, kernel, stride, dilation)
    expected = correlate(x, weight, stride, before_after, dilation, groups)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_max_pool_against_loops(case):
    space, kernel, stride, padding, dilation, _ = case
    x = array(2, *space, 3) - 5  # all negative: padding with zeros would win
    y = max_pool(jnp.asarray(x), kernel, stride, padding, dilation)
    before_after = pairs(padding, space, kernel, stride, dilation)
    np.testing.assert_array_equal(y, largest(x, kernel, stride, before_after, dilation))


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


@pytest.mark.parametrize("dtype", [np.int32, np.uint8])
def test_max_pool_of_integers(dtype):
    x = jnp.asarray(RNG.integers(0, 99, (1, 6, 1)), dtype)
    for dilation in (1, 2):
        y = max_pool(x, (2,), (1,), ((1, 1),), (dilation,))
        expected = largest(np.asarray(x, float), (2,), (1,), [(1, 1)], (dilation,))
        assert y.dtype == dtype
        np.testing.assert_array_equal(y, expected)
