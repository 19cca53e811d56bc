"""SpectralNorm against NumPy's singular values; when u and v move, zeros, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.ops.reparametrise import over_spectral_norm
from tests.same import assert_same

X = jnp.asarray(np.random.default_rng(0).normal(size=(5, 3)), jnp.float32)


@pytest.mark.parametrize(
    ("inner", "axis"),
    [
        (lx.Dense(3, 4), -1),
        (lx.Dense(3, 4), 0),
        (lx.Conv((2, 3), 2, 4), -1),
        (lx.Conv((2, 3), 2, 4), 2),
    ],
    ids=repr,
)
def test_the_largest_singular_value_is_one(inner, axis):
    ps, st = lx.SpectralNorm(inner, iterations=200, axis=axis).init(0)
    shape = ps.layer.weight.shape
    x = jnp.ones((1, 5, 5, 2)) if len(shape) == 4 else X
    _, st = lx.SpectralNorm(inner, iterations=200, axis=axis)(x, ps, st)
    weight = over_spectral_norm(ps.layer.weight, st.u.weight, st.v.weight, axis)
    matrix = np.moveaxis(np.asarray(weight), axis, 0).reshape(shape[axis], -1)
    np.testing.assert_allclose(np.linalg.svd(matrix)[1][0], 1, rtol=1e-5)
    left, _, right = np.linalg.svd(matrix)
    assert abs(left[:, 0] @ np.asarray(st.u.weight)) > 0.9999
    assert abs(right[0] @ np.asarray(st.v.weight)) > 0.9999


def test_fresh_vectors_are_of_use():
    """Without the first iterations, σ would be about 0, of any sign, when testing."""
    layer = lx.SpectralNorm(lx.Dense(30, 40, use_bias=False))
    ps, st = layer.init(0)
    sigma = np.linalg.svd(np.asarray(ps.layer.weight))[1][0]
    x = jnp.eye(30)
    y, _ = layer(x, ps, lx.testmode(st))
    np.testing.assert_allclose(y, np.asarray(ps.layer.weight) / sigma, rtol=0.05)


def test_vectors_move_in_training_only():
    layer = lx.SpectralNorm(lx.Dense(30, 40))
    ps, st = layer.init(0)
    x = jnp.ones((1, 30))
    _, new = layer(x, ps, st)
    assert (new.u.weight != st.u.weight).any()
    assert (new.v.weight != st.v.weight).any()
    test = lx.testmode(st)
    assert layer(x, ps, test)[1] is test


def test_layer_and_state_below():
    model = lx.SpectralNorm(lx.Chain(lx.Dense(3, 4), lx.BatchNorm(4)), ("layer_1.weight",))
    ps, st = model.init(0)
    _, new = model(X, ps, st)
    assert (new.layer.layer_2.running_mean != st.layer.layer_2.running_mean).all()
    assert_same(
        ps.layer, lx.Chain(layer=lx.Chain(lx.Dense(3, 4), lx.BatchNorm(4))).init(0)[0].layer
    )


def test_a_weight_of_zeros_stays_zero_has_finite_gradients_and_can_leave():
    layer = lx.SpectralNorm(lx.Dense(3, 4, use_bias=False, init_weight=lx.init.zeros()))
    ps, st = layer.init(0)
    y, st = layer(X, ps, st)
    np.testing.assert_array_equal(y, np.zeros((5, 4)))
    gradient = jax.grad(lambda ps: layer(X, ps, st)[0].sum())(ps)
    assert np.isfinite(gradient.layer.weight).all()
    assert (gradient.layer.weight != 0).all()
    later, _ = lx.Dense(3, 4, use_bias=False).init(0)
    for _ in range(50):
        y, st = layer(X, {"layer": later}, st)
    sigma = np.linalg.svd(np.asarray(later.weight))[1][0]
    np.testing.assert_allclose(y, np.asarray(X @ later.weight) / sigma, rtol=1e-4, atol=1e-5)


def test_half_precision_is_summed_in_single():
    layer = lx.SpectralNorm(lx.Dense(3, 4, use_bias=False))
    ps, st = layer.init(0)
    half = jax.tree.map(lambda v: v.astype(jnp.bfloat16), ps)
    wide = jax.tree.map(lambda v: v.astype(jnp.float32), half)
    _, new = layer(X.astype(jnp.bfloat16), half, st)
    np.testing.assert_allclose(new.u.weight, layer(X, wide, st)[1].u.weight, rtol=1e-6)


def test_other_fields():
    with pytest.raises(
        ValueError, match=r"SpectralNorm\.iterations must be a positive integer, got 0"
    ):
        lx.SpectralNorm(lx.Dense(3, 4), iterations=0)
    with pytest.raises(ValueError, match=r"SpectralNorm\.eps must be positive, got 0"):
        lx.SpectralNorm(lx.Dense(3, 4), eps=0)
    with pytest.raises(ValueError, match=r"SpectralNorm\.axis must be an integer, got None"):
        lx.SpectralNorm(lx.Dense(3, 4), axis=None)
