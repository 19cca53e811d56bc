"""The random mask: its probability, its scale, its independence."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from luxnb.ops.dropout import dropout

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
