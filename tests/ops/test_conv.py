"""Cross-correlation against SciPy and loops, its transpose against loops."""

import jax
import numpy as np
import pytest
import scipy.signal

from luxnb.ops.conv import conv, conv_transpose
from tests.windows import correlate, same_padding, spread

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


TRANSPOSED = [
    # space, kernel, stride, padding, dilation, groups
    ((5,), (3,), (2,), ((1, -2),), (1,), 1),
    ((3, 4), (2, 3), (1, 2), ((0, 1), (2, 0)), (2, 1), 2),
    ((2, 3, 2), (2, 1, 2), (3, 2, 1), ((0, 0), (-1, 0), (0, 1)), (1, 1, 2), 4),
]


@pytest.mark.parametrize("case", TRANSPOSED, ids=str)
def test_conv_transpose_against_loops(case):
    space, kernel, stride, padding, dilation, groups = case
    x, weight = array(2, *space, 4), array(*kernel, 4, 8 // groups)
    y = conv_transpose(x, weight, stride, padding, dilation, groups)
    expected = spread(x, weight, stride, padding, dilation, groups)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


def test_the_gradient_by_the_weight_is_that_of_the_conv():
    """And not a convolution of x with zeros between its elements, which is slow on a CPU."""

    def loss(weight, x):
        return conv_transpose(x, weight, (2,), ((0, 0),), (1,), 1).sum()

    program = str(jax.make_jaxpr(jax.grad(loss))(array(3, 4, 6), array(2, 8, 4)))
    assert program.count("rhs_dilation=(2,)") == 1  # of the slow one, there is none
