"""Losses against NumPy and SciPy, and the shapes they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from luxnb.ops.losses import cross_entropy, mse

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(5, 3)).astype(np.float32) * 3
LABELS = np.array([0, 2, 1, 1, 0])
EXPECTED = -scipy.special.log_softmax(LOGITS.astype(float), axis=-1)[np.arange(5), LABELS]


@pytest.mark.parametrize("dtype", [np.int32, np.uint8, np.int64])
def test_cross_entropy_of_integers(dtype):
    losses = cross_entropy(LOGITS, LABELS.astype(dtype), reduce=None)
    np.testing.assert_allclose(losses, EXPECTED, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.int32, bool])
def test_cross_entropy_of_one_hot(dtype):
    losses = cross_entropy(LOGITS, np.eye(3)[LABELS].astype(dtype), reduce=None)
    np.testing.assert_allclose(losses, EXPECTED, rtol=1e-5)


def test_cross_entropy_of_probabilities():
    p = scipy.special.softmax(RNG.normal(size=(5, 3)), axis=-1)
    expected = -(p * scipy.special.log_softmax(LOGITS.astype(float), axis=-1)).sum(-1)
    losses = cross_entropy(LOGITS, p.astype(np.float32), reduce=None)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_cross_entropy_over_several_batch_axes():
    losses = cross_entropy(LOGITS.reshape(5, 1, 3), LABELS.reshape(5, 1), reduce=None)
    np.testing.assert_allclose(losses, EXPECTED.reshape(5, 1), rtol=1e-5)
    one = cross_entropy(LOGITS[0], jnp.asarray(LABELS[0]))
    np.testing.assert_allclose(one, EXPECTED[0], rtol=1e-5)


def test_cross_entropy_of_large_logits_is_finite():
    loss, gradient = jax.value_and_grad(cross_entropy)(jnp.array([[1e4, -1e4]]), jnp.array([1]))
    np.testing.assert_allclose(loss, 2e4)
    np.testing.assert_allclose(gradient, [[1, -1]])


def test_reduce():
    np.testing.assert_allclose(cross_entropy(LOGITS, LABELS), EXPECTED.mean(), rtol=1e-5)
    np.testing.assert_allclose(
        cross_entropy(LOGITS, LABELS, reduce=jnp.sum), EXPECTED.sum(), rtol=1e-5
    )
    np.testing.assert_allclose(
        cross_entropy(LOGITS, LABELS, reduce=jnp.max), EXPECTED.max(), rtol=1e-5
    )


def test_the_gradient_is_probability_minus_label():
    gradient = jax.grad(lambda z: cross_entropy(z, LABELS, reduce=jnp.sum))(jnp.asarray(LOGITS))
    expected = scipy.special.softmax(LOGITS, axis=-1) - np.eye(3)[LABELS]
    np.testing.assert_allclose(gradient, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        (np.zeros((5, 1), np.int32), r"i32\[5,1\]"),
        (np.zeros(4, np.int32), r"i32\[4\]"),
        (np.zeros(5, np.float32), r"f32\[5\]"),
        (np.zeros((5, 2), np.float32), r"f32\[5,2\]"),
    ],
    ids=["column", "too few", "not integers", "classes"],
)
def test_labels_of_another_shape(labels, shown):
    with pytest.raises(
        ValueError,
        match=r"cross_entropy of logits f32\[5,3\] needs integer labels of shape \(5,\) or one-hot "
        rf"labels of shape \(5, 3\), got {shown}",
    ):
        cross_entropy(LOGITS, labels)


def test_mse():
    a, b = RNG.normal(size=(2, 4, 3)).astype(np.float32)
    np.testing.assert_allclose(mse(a, b), ((a - b) ** 2).mean(), rtol=1e-5)
    np.testing.assert_allclose(mse(a, b, reduce=None), (a - b) ** 2, rtol=1e-5)
    np.testing.assert_allclose(mse(a, b, reduce=jnp.sum), ((a - b) ** 2).sum(), rtol=1e-5)


def test_mse_does_not_broadcast():
    with pytest.raises(
        ValueError,
        match=r"mse needs two arrays of one shape, got prediction f32\[4,1\] and target f32\[4\]",
    ):
        mse(jnp.ones((4, 1)), jnp.ones(4))
