"""Initialisers: the numbers that they draw, their moments and their laws."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx
from luxnb.ops import init

KEY = jax.random.key(0)
DENSE, CONV = (120, 80), (3, 3, 8, 200)
FANS = {DENSE: (120, 80), CONV: (72, 1800)}
shapes = pytest.mark.parametrize("shape", [DENSE, CONV], ids=["dense", "conv"])


def drawn(initialiser, shape) -> np.ndarray:
    """All numbers, in double precision."""
    array = np.asarray(initialiser(KEY, shape)).ravel()
    return array.astype(np.complex128 if np.iscomplexobj(array) else np.float64)


def named(value):
    return "std" if hasattr(value, "__name__") else repr(value)


def follows(numbers, distribution):
    return scipy.stats.kstest(numbers, distribution.cdf).pvalue > 1e-3


# (initialiser, its standard deviation as a function of the fans)
UNIFORM = [
    (init.uniform(), lambda n, m: 3**-0.5),
    (init.uniform(0.25), lambda n, m: 0.25 / 3**0.5),
    (init.fan_in_uniform(), lambda n, m: (3 * n) ** -0.5),
    (init.kaiming_uniform(), lambda n, m: (2 / n) ** 0.5),
    (init.kaiming_uniform(0.5), lambda n, m: 0.5 / n**0.5),
    (init.glorot_uniform(), lambda n, m: (2 / (n + m)) ** 0.5),
    (init.glorot_uniform(3.0), lambda n, m: 3 * (2 / (n + m)) ** 0.5),
]
NORMAL = [
    (init.normal(), lambda n, m: 1),
    (init.normal(0.02), lambda n, m: 0.02),
    (init.kaiming_normal(), lambda n, m: (2 / n) ** 0.5),
    (init.kaiming_normal(0.5), lambda n, m: 0.5 / n**0.5),
    (init.glorot_normal(), lambda n, m: (2 / (n + m)) ** 0.5),
    (init.glorot_normal(3.0), lambda n, m: 3 * (2 / (n + m)) ** 0.5),
]


@shapes
@pytest.mark.parametrize(("initialiser", "std"), UNIFORM, ids=named)
def test_uniform(initialiser, std, shape):
    numbers, limit = drawn(initialiser, shape), std(*FANS[shape]) * 3**0.5
    assert np.abs(numbers).max() <= limit * (1 + 1e-6)
    assert follows(numbers, scipy.stats.uniform(-limit, 2 * limit))


@shapes
@pytest.mark.parametrize(("initialiser", "std"), NORMAL, ids=named)
def test_normal(initialiser, std, shape):
    assert follows(drawn(initialiser, shape), scipy.stats.norm(0, std(*FANS[shape])))


def test_means():
    assert follows(drawn(init.uniform(0.5, 0.5), DENSE), scipy.stats.uniform(0, 1))
    assert follows(drawn(init.normal(2.0, -3.0), DENSE), scipy.stats.norm(-3, 2))


@pytest.mark.parametrize(("low", "high"), [(-2.0, 2.0), (-0.5, 3.0), (1.0, 2.0)])
def test_truncated_normal(low, high):
    initialiser = init.truncated_normal(0.3, mean=1.0, low=low, high=high)
    numbers = drawn(initialiser, DENSE)
    assert 1 + 0.3 * low - 1e-6 <= numbers.min() and numbers.max() <= 1 + 0.3 * high + 1e-6
    assert follows(numbers, scipy.stats.truncnorm(low, high, 1, 0.3))


def test_what_is_cut_varies_less():
    """By the factor of the docstring."""
    assert round(float(scipy.stats.truncnorm(-2, 2).std()), 2) == 0.88
    assert abs(drawn(init.truncated_normal(), (300, 300)).std() - 0.8796) < 0.01


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_uniform(dtype):
    with jax.enable_x64(True):
        z = drawn(init.uniform(0.5, 1.0, dtype=dtype), DENSE) - 1
    assert follows(np.abs(z) ** 2, scipy.stats.uniform(0, 0.25))  # area grows as the radius²
    assert follows(np.angle(z), scipy.stats.uniform(-math.pi, 2 * math.pi))
    assert scipy.stats.spearmanr(np.abs(z), np.angle(z)).pvalue > 1e-3


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_normal(dtype):
    with jax.enable_x64(True):
        z = drawn(init.normal(2.0, 1.0, dtype=dtype), DENSE) - 1
    for part in (z.real, z.imag):
        assert follows(part, scipy.stats.norm(0, 2 / math.sqrt(2)))
    assert scipy.stats.pearsonr(z.real, z.imag).pvalue > 1e-3


def test_complex_truncated_normal():
    z = drawn(init.truncated_normal(2.0, mean=1.0, high=1.0, dtype="complex64"), DENSE) - 1
    for part in (z.real, z.imag):
        assert follows(part, scipy.stats.truncnorm(-2, 1, 0, 2 / math.sqrt(2)))
    assert scipy.stats.pearsonr(z.real, z.imag).pvalue > 1e-3


@shapes
@pytest.mark.parametrize(
    ("make", "std"),
    [
        (init.kaiming_uniform, lambda n, m: (2 / n) ** 0.5),
        (init.kaiming_normal, lambda n, m: (2 / n) ** 0.5),
        (init.glorot_uniform, lambda n, m: (2 / (n + m)) ** 0.5),
        (init.glorot_normal, lambda n, m: (2 / (n + m)) ** 0.5),
    ],
)
def test_complex_variance(make, std, shape):
    """E|z|² is the variance of the real ones."""
    z = drawn(make(dtype="complex64"), shape)
    square = np.abs(z) ** 2 / std(*FANS[shape]) ** 2
    assert abs(square.mean() - 1) < 4 * square.std() / math.sqrt(z.size)


def test_constants():
    np.testing.assert_array_equal(init.zeros()(KEY, (2, 3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(init.ones()(KEY, (2, 3)), np.ones((2, 3)))
    np.testing.assert_array_equal(init.constant(-2.5)(KEY, (2, 3)), np.full((2, 3), -2.5))
    z = init.constant(1 + 2j, dtype="complex64")(KEY, (2,))
    np.testing.assert_array_equal(z, [1 + 2j, 1 + 2j])


@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (3, 2, 2, 5)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
def test_orthogonal(shape, dtype):
    with jax.enable_x64(True):
        weight = np.asarray(init.orthogonal(2.0, dtype=dtype)(KEY, shape))
    matrix = weight.reshape(-1, shape[-1])
    short = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    gram = short.conj().T @ short
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-5)
    assert np.iscomplexobj(matrix) == (np.abs(matrix.imag).max() > 0.1)


def test_orthogonal_matrices_are_equally_probable():
    """Any one coordinate of a random point on the sphere is uniform (Archimedes)."""
    keys = jax.random.split(KEY, 2000)
    matrices = np.asarray(jax.vmap(lambda key: init.orthogonal()(key, (3, 3)))(keys), float)
    for i, j in np.ndindex(3, 3):
        assert follows(matrices[:, i, j], scipy.stats.uniform(-1, 2)), (i, j)
    assert scipy.stats.binomtest(int((np.linalg.det(matrices) > 0).sum()), 2000).pvalue > 1e-3


@pytest.mark.parametrize(
    ("sparsity", "ignored"), [(0.1, 3), (0.5, 15), (0.51, 16), (0.0, 0), (1.0, 30), (0.01, 1)]
)
@pytest.mark.parametrize("shape", [(30, 400), (3, 10, 400)], ids=str)
def test_sparse(sparsity, ignored, shape):
    weight = np.asarray(init.sparse(sparsity, 0.3)(KEY, shape), float).reshape(30, 400)
    zeros = weight == 0
    np.testing.assert_array_equal(zeros.sum(0), ignored)
    if 0 < ignored < 30:  # no input is preferred, no two outputs agree
        assert scipy.stats.chisquare(zeros.sum(1)).pvalue > 1e-3
        assert len(np.unique(zeros, axis=1).T) > 20
    if ignored < 30:
        assert follows(weight[~zeros], scipy.stats.norm(0, 0.3))


def test_sparse_and_complex():
    weight = np.asarray(init.sparse(0.5, 0.3, dtype="complex64")(KEY, (30, 400)))
    assert ((weight == 0).sum(0) == 15).all()
    assert abs((np.abs(weight[weight != 0]) ** 2).mean() - 0.09) < 0.005


@pytest.mark.parametrize("kernel", [(3,), (4,), (3, 5), (2, 4), (3, 2, 3)], ids=str)
def test_identity_is_what_a_convolution_passes_on(kernel):
    layer = lx.Conv(
        kernel, 3, 3, padding="SAME", init_weight=init.identity(), init_bias=init.identity()
    )
    x = jnp.asarray(np.random.default_rng(0).normal(size=(2, *(6, 5, 4)[: len(kernel)], 3)))
    np.testing.assert_array_equal(layer(x, *layer.init(0))[0], x)


def test_identity():
    x = np.array([[1.0, 2.0, 3.0]], np.float32)

    def passed(outputs, **options):
        return (x @ np.asarray(init.identity(**options)(KEY, (3, outputs))))[0].tolist()

    assert passed(3) == [1, 2, 3]
    assert passed(3, gain=2.0) == [2, 4, 6]
    assert passed(2) == [1, 2]
    assert passed(4) == [1, 2, 3, 0]
    assert passed(3, shift=1) == [3, 1, 2]
    assert passed(4, shift=-1) == [2, 3, 0, 1]
    assert passed(3, shift=(1, 0)) == [2, 3, 1]
    np.testing.assert_array_equal(init.identity()(KEY, (4,)), np.zeros(4))
    weight = init.identity(shift=(1, 0, 0))(KEY, (3, 2, 2))
    np.testing.assert_array_equal(weight, np.stack([np.zeros((2, 2)), np.zeros((2, 2)), np.eye(2)]))
