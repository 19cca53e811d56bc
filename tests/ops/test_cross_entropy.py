"""Cross-entropy against SciPy; labels that are no class, labels to ignore, shapes it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from luxnb.ops.losses import cross_entropy, focal

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


def test_labels_where_classes_are_on_another_axis():
    z = np.moveaxis(LOGITS.reshape(5, 1, 3), -1, 0)
    np.testing.assert_allclose(
        cross_entropy(z, LABELS.reshape(5, 1), axis=0, reduce=None), EXPECTED[:, None], rtol=1e-5
    )
    with pytest.raises(
        ValueError,
        match=r"cross_entropy of logits f32\[3,5,1\] needs integer labels of shape \(5, 1\) or "
        r"one-hot labels of shape \(3, 5, 1\), got i64\[5\]",
    ):
        cross_entropy(z, LABELS, axis=0)
    for axis in (3, -4):
        with pytest.raises(
            ValueError, match=rf"cross_entropy: logits f32\[3,5,1\] have no axis {axis}"
        ):
            cross_entropy(z, LABELS, axis=axis)


def test_smoothing_divides_by_the_size_of_that_axis():
    """Uniform predictions lose log K whatever the smoothing; certain ones lose α (1 - 1/K) z."""
    z = jnp.zeros((2, 7, 3)).at[:, 0].set(50.0)
    labels = jnp.zeros((2, 3), int)
    got = cross_entropy(z, labels, axis=1, label_smoothing=0.3, reduce=None)
    np.testing.assert_allclose(got, np.full((2, 3), 0.3 * (1 - 1 / 7) * 50), rtol=1e-6)
    one_hot = jax.nn.one_hot(labels, 7, axis=1)
    np.testing.assert_allclose(
        cross_entropy(z, one_hot, axis=1, label_smoothing=0.3, reduce=None), got, rtol=1e-6
    )


OPTIONS = [{}, {"label_smoothing": 0.1}, {"probabilities": True}]


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("dtype", [np.int8, np.int32])
def test_an_integer_that_is_no_class_makes_the_loss_nan(options, dtype):
    """And nothing else: the other samples' losses and all gradients are as without it."""
    z = jax.nn.softmax(jnp.asarray(LOGITS))
    labels = np.array([0, -1, 3, 1, -100], dtype)

    def loss(z, reduce):
        return cross_entropy(z, labels, reduce=reduce, **options)

    losses = np.asarray(jax.jit(loss, static_argnums=1)(z, None))
    assert np.isnan(losses).tolist() == [False, True, True, False, True]
    assert np.isnan(loss(z, jnp.mean))
    gradient = np.asarray(jax.grad(loss)(z, jnp.sum))
    expected = jax.grad(lambda z: cross_entropy(z, labels[[0, 3]], reduce=jnp.sum, **options))
    np.testing.assert_array_equal(gradient[[1, 2, 4]], 0)
    np.testing.assert_allclose(gradient[[0, 3]], expected(z[jnp.array([0, 3])]), rtol=1e-5)


def test_more_classes_than_the_labels_can_count():
    z = jnp.zeros((1, 300)).at[0, 200].set(9.0)
    assert np.isfinite(cross_entropy(z, np.array([200], np.uint8)))
    assert cross_entropy(z, np.array([200], np.uint8)) < 1


def test_focal_knows_the_same_labels():
    assert np.isnan(focal(LOGITS, np.array([0, 1, 2, -1, 3]), reduce=None)).tolist() == [
        False, False, False, True, True,
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"focal of logits f32\[5,3\] needs integer labels"):
        focal(LOGITS, LABELS[:, None])


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
def test_ignored_labels_leave_the_mean(options):
    z = jax.nn.softmax(jnp.asarray(LOGITS))
    labels = np.array([0, -1, 1, -1, 2])
    kept = np.array([0, 2, 4])
    for reduce in (jnp.mean, jnp.sum):
        got = cross_entropy(z, labels, ignore=-1, reduce=reduce, **options)
        expected = cross_entropy(z[kept], labels[kept], reduce=reduce, **options)
        np.testing.assert_allclose(got, expected, rtol=1e-6)
    each = np.asarray(cross_entropy(z, labels, ignore=-1, reduce=None, **options))
    np.testing.assert_array_equal(each[[1, 3]], 0)
    gradient = np.asarray(jax.grad(lambda z: cross_entropy(z, labels, ignore=-1, **options))(z))
    np.testing.assert_array_equal(gradient[[1, 3]], 0)
    assert (gradient[kept] != 0).any(axis=-1).all()


def test_a_class_can_be_ignored_and_other_wrong_labels_still_show():
    assert cross_entropy(LOGITS, LABELS, ignore=0, reduce=None).tolist()[0] == 0
    losses = cross_entropy(LOGITS, np.array([-1, -2, 0, 0, 0]), ignore=-1, reduce=None)
    assert np.isnan(losses).tolist() == [False, True, False, False, False]


def test_only_integers_are_ignored():
    with pytest.raises(
        ValueError, match=r"cross_entropy can only ignore an integer label, got f32\[5,3\]"
    ):
        cross_entropy(LOGITS, np.eye(3, dtype=np.float32)[LABELS], ignore=-1)


def test_when_all_are_ignored_the_mean_is_of_nothing():
    value, gradient = jax.value_and_grad(cross_entropy)(
        jnp.asarray(LOGITS), np.full(5, -1), ignore=-1
    )
    assert np.isnan(value)
    np.testing.assert_array_equal(gradient, 0)
