"""LayerNorm, RMSNorm: never over the batch, in the dtype of x, and what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx

RNG = np.random.default_rng(0)
BOTH = pytest.mark.parametrize("kind", [lx.LayerNorm, lx.RMSNorm])


@BOTH
@pytest.mark.parametrize("shape", [4, (3, 4), (2, 3, 4)], ids=str)
def test_samples_do_not_see_each_other(kind, shape):
    layer = kind(shape)
    ps, st = layer.init(0)
    x = jnp.asarray(RNG.normal(size=(5, 2, 3, 4)), jnp.float32)
    y, _ = layer(x, ps, st)
    for one, alone in zip(x, y, strict=True):
        np.testing.assert_allclose(layer(one[None], ps, st)[0][0], alone, rtol=1e-5, atol=1e-6)


def test_moments_of_what_comes_out():
    x = jnp.asarray(RNG.normal(5, 3, (10, 6, 7)), jnp.float32)
    y, _ = lx.LayerNorm((6, 7))(x, *lx.LayerNorm((6, 7)).init(0))
    np.testing.assert_allclose(np.mean(y, (1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(np.std(y, (1, 2)), 1, atol=1e-4)
    y, _ = lx.RMSNorm((6, 7))(x, *lx.RMSNorm((6, 7)).init(0))
    np.testing.assert_allclose(np.mean(np.square(y), (1, 2)), 1, atol=1e-4)


def test_an_int_is_one_axis():
    assert lx.LayerNorm(3) != lx.LayerNorm((3,))
    assert lx.LayerNorm([2, 3]) == lx.LayerNorm((2, 3))
    x = jnp.asarray(RNG.normal(size=(2, 3)), jnp.float32)
    one, _ = lx.LayerNorm(3)(x, *lx.LayerNorm(3).init(0))
    np.testing.assert_array_equal(one, lx.LayerNorm((3,))(x, *lx.LayerNorm((3,)).init(0))[0])


@BOTH
def test_activation(kind):
    layer, plain = kind(3, jnp.exp), kind(3)
    x = jnp.asarray(RNG.normal(size=(2, 3)), jnp.float32)
    y, _ = layer(x, *layer.init(0))
    np.testing.assert_allclose(y, np.exp(plain(x, *plain.init(0))[0]), rtol=1e-6)


@BOTH
def test_a_sample_of_zeros_has_finite_gradients(kind):
    layer = kind(3)
    ps, st = layer.init(0)
    gradient = jax.grad(lambda x: layer(x, ps, st)[0][0, 0])(jnp.zeros((2, 3)))
    assert np.isfinite(gradient).all()


@BOTH
@pytest.mark.parametrize("shape", [0, -1, 2.0, True, (), (3, 0), (3, None), "3", None], ids=repr)
def test_shapes(kind, shape):
    with pytest.raises(
        ValueError,
        match=rf"{kind.__name__}\.shape must be a positive integer or a tuple of them, got .*",
    ):
        kind(shape)


@BOTH
def test_other_fields(kind):
    name = kind.__name__
    with pytest.raises(ValueError, match=rf"{name}\.eps must be positive, got -1"):
        kind(3, eps=-1)
    with pytest.raises(ValueError, match=rf"{name}\.eps must be positive, got nan"):
        kind(3, eps=float("nan"))
    with pytest.raises(TypeError, match=rf"{name}\.activation must be a function, got 'relu'"):
        kind(3, "relu")


@BOTH
@pytest.mark.parametrize("shape", [(2, 4, 3), (4,), (3, 4, 1)], ids=str)
def test_inputs_of_another_shape(kind, shape):
    layer = kind((3, 4))
    given = ",".join(map(str, shape))
    with pytest.raises(ValueError, match=rf"expected x of shape \(…, 3, 4\); got f32\[{given}\]"):
        layer(jnp.ones(shape), *layer.init(0))
    with pytest.raises(ValueError, match=r"expected x of shape \(…, 3, 4\); got 1\.0"):
        layer(1.0, *layer.init(0))
