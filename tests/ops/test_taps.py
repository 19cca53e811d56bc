"""Weighted sums along an axis against the matrix they are, and their derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.ops.taps import MOST_TAPS, tap

RNG = np.random.default_rng(0)
MANY = np.zeros((MOST_TAPS + 5, 1), int)  # one input in more outputs than its gradient gathers

CASES = {
    "one of each": np.array([[2], [0], [3]]),
    "repeated": np.array([[1], [1], [2], [2], [2]]),
    "pairs": np.array([[0, 1], [1, 2], [3, 3]]),
    "three": np.array([[4, 0, 2], [2, 3, 4]]),
    "many": MANY,
}


def matrix(index, weight, n):
    dense = np.zeros((len(index), n))
    np.add.at(dense, (np.arange(len(index))[:, None], index), weight)
    return dense


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_against_the_matrix(name, weighted, axis):
    index = CASES[name]
    weight = RNG.normal(size=index.shape) if weighted else np.ones(index.shape)
    if name == "three":
        weight[1, 2] = 0
    dense = matrix(index, weight, 5)
    with jax.enable_x64(True):
        x, dx = jnp.asarray(RNG.normal(size=(2, 5, 5, 5)))

        def ours(x):
            return tap(x, axis, index, weight)

        def expected(x):
            return np.moveaxis(np.tensordot(dense, x, ((1,), (axis,))), 0, axis)

        y, dy = jax.jvp(ours, (x,), (dx,))
        np.testing.assert_allclose(y, expected(x), atol=1e-12)
        np.testing.assert_allclose(dy, expected(dx), atol=1e-12)
        seed = RNG.normal(size=y.shape)
        [gradient] = jax.jit(jax.vjp(ours, x)[1])(jnp.asarray(seed))
        back = np.moveaxis(np.tensordot(dense.T, seed, ((1,), (axis,))), 0, axis)
        np.testing.assert_allclose(gradient, back, atol=1e-12)
        second = jax.grad(lambda x: (jax.grad(lambda x: (ours(x) ** 3).sum())(x) * dx).sum())(x)
        again = np.tensordot(dense.T, 6 * expected(x) * expected(dx), ((1,), (axis,)))
        np.testing.assert_allclose(second, np.moveaxis(again, 0, axis), atol=1e-10)


def test_the_gradient_is_a_gather():
    index = CASES["pairs"]
    grad = jax.grad(lambda x: tap(x, 0, index, np.full(index.shape, 0.5)).sum())
    program = str(jax.make_jaxpr(grad)(jnp.ones((4, 2))))
    assert "gather" in program
    assert "scatter" not in program
    few = np.repeat(index, MOST_TAPS, 0)
    grad = jax.grad(lambda x: tap(x, 0, few, np.full(few.shape, 0.5)).sum())
    assert "scatter" in str(jax.make_jaxpr(grad)(jnp.ones((4, 2))))


def test_selections_keep_what_is_selected():
    x = jnp.array([1, 2, 3])
    assert tap(x, 0, np.array([[2], [0]]), np.ones((2, 1))).tolist() == [3, 1]
    x = jnp.array([jnp.inf, 1.0])
    assert tap(x, 0, np.array([[1], [0]]), np.ones((2, 1))).tolist() == [1, jnp.inf]
