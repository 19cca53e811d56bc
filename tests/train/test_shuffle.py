"""Every epoch is a permutation, and none is favoured."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from luxnb.train.feed.shuffle import round_keys, rows_at


def order(n, epoch=0, seed=0):
    keys = round_keys(jax.random.key(seed), jnp.int32(epoch))
    return np.asarray(rows_at(keys, jnp.arange(n, dtype=jnp.int32), n))


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 16, 31, 97, 360, 1437, 4096, 10007])
def test_each_row_comes_once(n):
    assert sorted(order(n)) == list(range(n))


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = [order(200, epoch, seed) for epoch in range(3) for seed in range(3)]
    assert len({tuple(o) for o in orders}) == 9


def test_an_order_can_be_asked_in_parts():
    keys = round_keys(jax.random.key(0), jnp.int32(4))
    part = rows_at(keys, jnp.arange(40, 60, dtype=jnp.int32), 97)
    assert np.array_equal(part, order(97, 4)[40:60])


@pytest.fixture(scope="module")
def many():
    """The order of 30 rows in 6,000 epochs, (epochs, rows)."""
    keys = jax.vmap(round_keys, (None, 0))(jax.random.key(1), jnp.arange(6000))
    positions = jnp.arange(30, dtype=jnp.int32)
    return np.asarray(jax.jit(jax.vmap(lambda k: rows_at(k, positions, 30)))(keys))


def test_each_row_is_as_likely_at_each_position(many):
    for position in (0, 13, 29):
        counts = np.bincount(many[:, position], minlength=30)
        assert stats.chisquare(counts).pvalue > 1e-4


def test_neighbours_are_independent(many):
    counts = np.bincount(many[:, 4] * 30 + many[:, 5], minlength=900).reshape(30, 30)
    pairs = counts[~np.eye(30, dtype=bool)]
    assert stats.chisquare(pairs).pvalue > 1e-4


def test_the_number_of_fixed_points_is_that_of_random_permutations(many):
    fixed = np.bincount((many == np.arange(30)).sum(1), minlength=8)[:6]
    expected = stats.poisson(1).pmf(np.arange(6)) * 6000
    assert stats.chisquare(fixed, expected * fixed.sum() / expected.sum()).pvalue > 1e-4
