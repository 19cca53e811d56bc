"""TensorProduct against np.kron, and what it refuses."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx


def test_against_the_kronecker_product():
    layer = lx.TensorProduct((lx.basis.Sin(3), lx.basis.Polynomial(4)), 2)
    ps, st = layer.init(0)
    x = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    y, new = layer(x, ps, st)
    for sample, found in zip(x, y, strict=True):
        terms = np.kron(np.sin(sample[0] * np.arange(1, 4)), sample[1] ** np.arange(4))
        weight = np.asarray(ps.weight).reshape(12, 2)
        np.testing.assert_allclose(found, terms @ weight, rtol=1e-5, atol=1e-5)
    assert new is st


def test_one_term_alone():
    """weight[i, j, z] is the coefficient of a_i(x_0) · b_j(x_1) in output z."""
    layer = lx.TensorProduct((lx.basis.Chebyshev(3), lx.basis.Legendre(3)), 2)
    weight = jnp.zeros((3, 3, 2)).at[2, 1, 1].set(1.0)
    y, _ = layer(jnp.array([0.3, 0.5]), {"weight": weight}, {})
    np.testing.assert_allclose(y, [0, (2 * 0.3**2 - 1) * 0.5], rtol=1e-6)


def test_it_can_be_any_product():
    """With exact coefficients, cos(x + y) = cos x cos y - sin x sin y."""
    layer = lx.TensorProduct((lx.basis.Fourier(3), lx.basis.Fourier(3)), 1)
    weight = jnp.zeros((3, 3, 1)).at[1, 1, 0].set(1.0).at[2, 2, 0].set(-1.0)
    x = np.random.default_rng(0).normal(size=(2, 7, 2)).astype(np.float32)
    y, _ = layer(x, {"weight": weight}, {})
    np.testing.assert_allclose(y[..., 0], np.cos(x.sum(-1)), atol=1e-6)


def test_a_basis_of_ones_own():
    layer = lx.TensorProduct((lambda x: jnp.stack([x, jnp.exp(x)], -1),), 1)
    ps = {"weight": jnp.array([[2.0], [3.0]])}
    np.testing.assert_allclose(layer(jnp.ones((1, 1)), ps, {})[0], [[2 + 3 * np.e]], rtol=1e-6)


def test_the_range_of_fresh_weights():
    """U(±1/√n) for n terms."""
    ps, _ = lx.TensorProduct((lx.basis.Sin(10), lx.basis.Cos(10)), 100).init(0)
    scaled = np.asarray(ps.weight, float).ravel() * 10
    assert np.abs(scaled).max() <= 1
    assert scipy.stats.kstest(scaled, scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-3


def test_other_numbers_of_coordinates():
    layer = lx.TensorProduct((lx.basis.Sin(2), lx.basis.Sin(2)), 1)
    for shape in ((4, 3), (4, 1), ()):
        with pytest.raises(
            ValueError, match=r"expected x of shape \(…, 2\), len\(bases\) = 2; got f32"
        ):
            layer(jnp.ones(shape), *layer.init(0))


@pytest.mark.parametrize(
    "bases", [(), lx.basis.Sin(2), (lx.basis.Sin(1),) * 26], ids=["none", "alone", "many"]
)
def test_bases(bases):
    with pytest.raises(
        ValueError,
        match=r"TensorProduct\.bases must be a tuple of 1 to 25 bases, one for each coordinate, "
        r"got .*",
    ):
        lx.TensorProduct(bases, 1)


def test_what_is_no_basis():
    with pytest.raises(
        TypeError, match=r"TensorProduct\.bases must be functions of an array, got 3"
    ):
        lx.TensorProduct((3,), 1)
    with pytest.raises(
        ValueError,
        match=r"TensorProduct\.bases must be functions \(\*batch\) -> \(\*batch, n\), but .*cos.* "
        r"makes f32\[\] of one number",
    ):
        lx.TensorProduct((jnp.cos,), 1)
    with pytest.raises(
        ValueError, match=r"TensorProduct\.out_dims must be a positive integer, got 0"
    ):
        lx.TensorProduct((lx.basis.Sin(2),), 0)
    with pytest.raises(
        TypeError, match=r"TensorProduct\.init_weight is the class ones; write ones"
    ):
        lx.TensorProduct((lx.basis.Sin(2),), 1, init_weight=lx.init.ones)
