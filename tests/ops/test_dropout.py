"""The random mask: its probability, its scale, its independence."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from luxnb.ops.dropout import alpha_dropout, dropout, mask

KEY = jax.random.key(1)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_number_of_zeros_is_binomial(rate):
    n = 20_000
    zeros = int((dropout(KEY, jnp.ones(n), rate) == 0).sum())
    assert scipy.stats.binomtest(zeros, n, rate).pvalue > 1e-3


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_what_is_kept_is_scaled(rate):
    x = np.random.default_rng(0).normal(size=(100, 7)).astype(np.float32)
    y = np.asarray(dropout(KEY, jnp.asarray(x), rate))
    np.testing.assert_allclose(y[y != 0], x[y != 0] / (1 - rate), rtol=1e-6)


def test_elements_are_independent():
    """Neighbours along each axis are dropped together as often as chance has it."""
    kept = np.asarray(dropout(KEY, jnp.ones((150, 150)), 0.5) != 0)
    for a, b in [(kept[1:], kept[:-1]), (kept[:, 1:], kept[:, :-1])]:
        assert scipy.stats.binomtest(int((a == b).sum()), a.size, 0.5).pvalue > 1e-3


def test_no_gradient_where_dropped():
    x = jnp.ones(50)
    gradient = jax.grad(lambda x: dropout(KEY, x, 0.5).sum())(x)
    np.testing.assert_array_equal(gradient, dropout(KEY, x, 0.5))


def test_the_mask_is_the_same_in_x64():
    expected = mask(KEY, (100, 7), 0.3, None)
    with jax.enable_x64(True):
        np.testing.assert_array_equal(mask(KEY, (100, 7), 0.3, None), expected)


@pytest.mark.parametrize("axes", [(0,), (1,), (-1, 0), ()], ids=str)
def test_axes(axes):
    shape = mask(KEY, (3, 4), 0.5, axes).shape
    assert shape == tuple(n if i in {a % 2 for a in axes} else 1 for i, n in enumerate((3, 4)))


@pytest.mark.parametrize("function", [dropout, alpha_dropout])
def test_all_dropped_is_zero_also_of_infinities(function):
    x = jnp.array([1.0, jnp.inf, jnp.nan])
    np.testing.assert_array_equal(function(KEY, x, 1), np.zeros(3))


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_formula_of_alpha_dropout(rate):
    """As PyTorch writes it: x · a · m + (m - 1 + rate) · α · a, with m = 1 where kept, else 0."""
    x = np.random.default_rng(0).normal(size=(100, 7)).astype(np.float32)
    y = alpha_dropout(KEY, jnp.asarray(x), rate)
    kept = np.asarray(mask(KEY, x.shape, rate, None))
    alpha = jax.nn.selu(-jnp.inf) * -1
    a = 1 / np.sqrt((alpha**2 * rate + 1) * (1 - rate))
    expected = x * a * kept + (kept - 1.0 + rate) * alpha * a
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_and_variance(rate):
    """Of all x of mean 0 and variance 1: for y = a · x + b where kept and one number elsewhere."""
    zero, one = (np.asarray(alpha_dropout(KEY, jnp.full(100, x), rate)) for x in (0.0, 1.0))
    kept = np.asarray(mask(KEY, (100,), rate, None))
    b, dropped = zero[kept][0], zero[~kept][0]
    a = one[kept][0] - b
    mean = (1 - rate) * b + rate * dropped
    square = (1 - rate) * (a**2 + b**2) + rate * dropped**2
    np.testing.assert_allclose([mean, square], [0, 1], atol=1e-5)
