"""Attention where there is nothing to attend to, and in half precision; the causal mask."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from luxnb.ops.attention import attention_weights, causal_mask, weighted_sum

RNG = np.random.default_rng(0)


def random(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def test_a_query_that_may_attend_to_nothing():
    """Zeros, and finite gradients also where NaNs are looked for; the others are as they were."""
    query, key, value = random(1, 3, 2, 4), random(1, 5, 2, 4), random(1, 5, 2, 4)
    mask = np.ones((1, 1, 3, 5), bool)
    mask[0, 0, 1] = False

    def gathered(query, key, value):
        return weighted_sum(attention_weights(query, key, mask), value)

    with jax.debug_nans(True):
        y = gathered(query, key, value)
        gradients = jax.grad(lambda *v: jnp.sum(gathered(*v) ** 2), argnums=(0, 1, 2))(
            query, key, value
        )
    assert not np.any(y[:, 1])
    full = weighted_sum(attention_weights(query, key), value)
    np.testing.assert_allclose(y[:, ::2], full[:, ::2], rtol=1e-6)
    assert not np.any(gradients[0][:, 1])
    assert all(np.isfinite(g).all() for g in gradients)


def test_weights_are_a_distribution_over_what_is_allowed():
    mask = np.tril(np.ones((4, 4), bool))[None, None]
    weights = np.asarray(attention_weights(random(2, 4, 3, 5), random(2, 4, 3, 5), mask))
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-6)
    assert (weights >= 0).all() and not weights[..., ~mask[0, 0]].any()


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_the_softmax_of_half_precision_is_taken_in_float32(dtype):
    """1000 equal scores: added up in bfloat16 they would never be more than 256."""
    query, key = np.zeros((1, 1, 1, 4), dtype), random(1, 1000, 1, 4).astype(dtype)
    weights = attention_weights(query, key)
    assert weights.dtype == dtype
    np.testing.assert_allclose(np.asarray(weights, float), 1e-3, rtol=4e-3)


def test_large_scores_do_not_overflow():
    query, key = 1e4 * random(1, 2, 1, 4), 1e4 * random(1, 3, 1, 4)
    scores = np.einsum("qd,kd->qk", query[0, :, 0].astype(float), key[0, :, 0]) / 2
    expected = scipy.special.softmax(scores, axis=-1)
    np.testing.assert_allclose(attention_weights(query, key)[0, 0], expected, atol=1e-6)


@pytest.mark.parametrize("start", [0, 2])
def test_causal_mask(start):
    mask = np.asarray(causal_mask(3, 6, start))
    for i in range(3):
        assert mask[i].tolist() == [j <= start + i for j in range(6)]
