"""Bases against scipy.special and NumPy's polynomials: which functions, where, how precisely."""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from numpy.polynomial import Polynomial

from luxnb.ops import basis

X = np.array([-1.7, -1.0, -0.999, -0.3, 0.0, 1e-3, 0.5, 1.0, 1.2])  # also the ends and beyond

POLYNOMIALS = [
    (basis.Chebyshev, scipy.special.chebyt),
    (basis.Legendre, scipy.special.legendre),
    (basis.Polynomial, lambda k: np.poly1d([1.0] + [0.0] * k)),
]
WAVES = [
    (basis.Sin, lambda k, x: np.sin((k + 1) * x)),
    (basis.Cos, lambda k, x: np.cos((k + 1) * x)),
    (
        basis.Fourier,
        lambda k, x: np.sin(k // 2 * x) if k and k % 2 == 0 else np.cos((k + 1) // 2 * x),
    ),
]
ALL = [kind for kind, _ in POLYNOMIALS + WAVES]


@pytest.mark.parametrize("n", [1, 2, 3, 7])
@pytest.mark.parametrize(("kind", "polynomial"), POLYNOMIALS)
def test_polynomials_and_their_derivatives(kind, polynomial, n):
    with jax.enable_x64(True):
        x = jnp.asarray(X)
        values, slopes = jax.jvp(kind(n), (x,), (jnp.ones_like(x),))
    for k in range(n):
        exact = Polynomial(polynomial(k).coef[::-1])
        np.testing.assert_allclose(values[:, k], exact(X), rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(slopes[:, k], exact.deriv()(X), rtol=1e-11, atol=1e-12)
    assert values.shape == (len(X), n)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 7])
@pytest.mark.parametrize(("kind", "wave"), WAVES)
def test_waves(kind, wave, n):
    with jax.enable_x64(True):
        values = kind(n)(jnp.asarray(X))
    expected = np.stack([wave(k, X) for k in range(n)], axis=-1)
    np.testing.assert_allclose(values, expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("kind", "exact"),
    [(basis.Chebyshev, scipy.special.eval_chebyt), (basis.Legendre, scipy.special.eval_legendre)],
)
def test_many_functions_stay_precise(kind, exact):
    """The recurrence is stable: after 60 steps the error is still one of rounding."""
    x = np.linspace(-1, 1, 401, dtype=np.float32)
    expected = exact(np.arange(60), x.astype(float)[:, None])
    np.testing.assert_allclose(jax.jit(kind(60))(x), expected, atol=2e-5)
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax.jit(kind(60))(x.astype(float)), expected, atol=1e-13)


def test_the_orders_that_the_docstrings_say():
    x = 0.3
    np.testing.assert_allclose(basis.Chebyshev(3)(x), [1, x, 2 * x**2 - 1], rtol=1e-6)
    np.testing.assert_allclose(basis.Legendre(3)(x), [1, x, (3 * x**2 - 1) / 2], rtol=1e-6)
    waves = [1, np.cos(x), np.sin(x), np.cos(2 * x), np.sin(2 * x)]
    np.testing.assert_allclose(basis.Fourier(5)(x), waves, rtol=1e-6)


def test_fourier_is_orthogonal_over_a_period():
    x = np.arange(64) * (2 * np.pi / 64)
    values = np.asarray(basis.Fourier(7)(x), float)
    norms = np.diag([64.0] + [32.0] * 6)
    np.testing.assert_allclose(values.T @ values, norms, atol=1e-4)


@pytest.mark.parametrize("kind", ALL)
def test_gradients_are_finite_everywhere(kind):
    gradient = jax.vmap(jax.grad(lambda x: kind(9)(x).sum()))(jnp.asarray(X, jnp.float32))
    bend = jax.vmap(jax.grad(jax.grad(lambda x: kind(9)(x).sum())))(jnp.asarray(X, jnp.float32))
    assert np.isfinite(gradient).all() and np.isfinite(bend).all()


@pytest.mark.parametrize("kind", ALL)
def test_dtypes_and_shapes(kind):
    assert kind(3)(jnp.ones((2, 0), jnp.float32)).shape == (2, 0, 3)
    assert kind(3)(0.5).shape == (3,)
    assert kind(3)(np.arange(4)).dtype == jnp.float32
    low = kind(9)(jnp.asarray(X, jnp.bfloat16))
    assert low.dtype == jnp.bfloat16
    exact = kind(9)(jnp.asarray(X, jnp.bfloat16).astype(jnp.float32))  # only the result is rounded
    np.testing.assert_array_equal(low, exact.astype(jnp.bfloat16))


@pytest.mark.parametrize("kind", ALL)
def test_they_are_values(kind):
    one = kind(np.int64(3))
    assert repr(one) == f"basis.{kind.__name__}(3)"
    assert eval(repr(one), {"basis": basis}) == one == pickle.loads(pickle.dumps(one))
    assert hash(one) == hash(kind(3)) and one != kind(4)
    with pytest.raises(AttributeError):
        one.n = 4


def test_different_families_differ():
    assert len({kind(3) for kind in ALL}) == len(ALL)


@pytest.mark.parametrize("n", [0, -1, 2.0, None, True], ids=repr)
def test_sizes(n):
    with pytest.raises(
        ValueError,
        match=r"basis\.Legendre\.n must be a positive integer, the number of functions, got .*",
    ):
        basis.Legendre(n)
