"""Length and direction, and the power iteration, against NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.ops.reparametrise import (
    join_length,
    over_spectral_norm,
    power_iterations,
    split_length,
)

W = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)


@pytest.mark.parametrize(
    ("axis", "others"), [(0, (1, 2)), (1, (0, 2)), (-1, (0, 1)), (None, (0, 1, 2))]
)
def test_split_and_join(axis, others):
    length, direction = split_length(jnp.asarray(W), axis)
    np.testing.assert_allclose(length, np.sqrt((W**2).sum(others)), rtol=1e-6)
    np.testing.assert_array_equal(direction, W)
    np.testing.assert_allclose(join_length(length, 7 * direction, axis), W, rtol=1e-5)
    np.testing.assert_allclose(join_length(2 * length, direction, axis), 2 * W, rtol=1e-5)


def test_numbers_alone():
    """Without other axes, a length is an absolute value."""
    length, direction = split_length(jnp.array([-2.0, 0.0, 3.0]), -1)
    np.testing.assert_array_equal(length, [2, 0, 3])
    np.testing.assert_array_equal(direction, [-2, 1, 3])
    np.testing.assert_allclose(join_length(length, direction, -1), [-2, 0, 3], rtol=1e-6)


def test_zeros():
    weight = jnp.asarray(W).at[:, :, 2].set(0)
    length, direction = split_length(weight, -1)
    assert length[2] == 0
    np.testing.assert_array_equal(direction[:, :, 2], np.ones((3, 4)))
    np.testing.assert_allclose(join_length(length, direction, -1), weight, rtol=1e-5)
    gradient = jax.grad(lambda v: join_length(length + 1, v, -1).sum())(weight)
    assert np.isfinite(gradient).all()


def numpy_iterations(matrix, v, iterations):
    for _ in range(iterations):
        u = matrix @ v / np.linalg.norm(matrix @ v)
        v = matrix.T @ u / np.linalg.norm(matrix.T @ u)
    return u, v


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_power_iterations(axis, iterations):
    rows = np.moveaxis(W, axis, -1).reshape(-1, W.shape[axis]).T
    v = np.ones(rows.shape[1], np.float32)
    given = jnp.asarray(W), jnp.ones(len(rows)), jnp.asarray(v)
    u, v_new = power_iterations(*given, axis, iterations, 1e-12)
    expected = numpy_iterations(rows, v, iterations)
    np.testing.assert_allclose(u, expected[0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(v_new, expected[1], rtol=1e-4, atol=1e-6)
    sigma = expected[0] @ rows @ expected[1]
    normed = over_spectral_norm(jnp.asarray(W), u, v_new, axis)
    np.testing.assert_allclose(normed, W / sigma, rtol=1e-4)


def test_vectors_stay_where_the_weight_is_zero():
    u, v = power_iterations(jnp.zeros((3, 2)), jnp.ones(2), jnp.ones(3), -1, 4, 1e-12)
    np.testing.assert_array_equal(u, np.ones(2))
    np.testing.assert_array_equal(v, np.ones(3))


def test_a_length_below_eps_counts_as_eps():
    u, _ = power_iterations(jnp.full((1, 1), 1e-3), jnp.ones(1), jnp.ones(1), -1, 1, 0.1)
    np.testing.assert_allclose(u, [1e-2], rtol=1e-5)


def test_no_gradient_goes_through_the_vectors():
    def loss(weight, u, v):
        return sum(jnp.sum(s) for s in power_iterations(weight, u, v, -1, 1, 1e-12))

    for gradient in jax.grad(loss, (0, 1, 2))(jnp.ones((3, 2)), jnp.ones(2), jnp.ones(3)):
        assert not gradient.any()
