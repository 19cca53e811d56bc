"""Bilinear and Scale: fresh parameters, and what they refuse."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx


def test_the_range_of_fresh_parameters():
    """U(±1/√in1_dims), as PyTorch."""
    ps, _ = lx.Bilinear(9, 20, 2000).init(0)
    for drawn in (ps.weight, ps.bias):
        scaled = np.asarray(drawn, float).ravel() * 3
        assert np.abs(scaled).max() <= 1
        sample = scaled[:: max(1, scaled.size // 5000)]
        assert scipy.stats.kstest(sample, scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-3


def test_initialisers():
    layer = lx.Bilinear(2, 3, 4, init_weight=lx.init.ones(), init_bias=lx.init.zeros())
    y, _ = layer((jnp.array([1.0, 2]), jnp.array([1.0, 2, 3])), *layer.init(0))
    np.testing.assert_array_equal(y, np.full(4, 18.0))


PAIR = (
    r"expected a pair x of shapes \(…, 3\), in1_dims, and \(…, 4\), in2_dims, with the same batch"
)


@pytest.mark.parametrize(
    ("x", "got"),
    [
        ((jnp.ones((5, 3)), jnp.ones((5, 3))), r"\(f32\[5,3\], f32\[5,3\]\)"),
        ((jnp.ones((5, 3)), jnp.ones((1, 4))), r"\(f32\[5,3\], f32\[1,4\]\)"),
        ((jnp.ones((5, 3)), jnp.ones(4)), r"\(f32\[5,3\], f32\[4\]\)"),
        ((jnp.ones(3), jnp.ones(())), r"\(f32\[3\], f32\[\]\)"),
        ((jnp.ones((5, 3)), jnp.ones((5, 4)), 1), r"\(f32\[5,3\], f32\[5,4\], 1\)"),
        (jnp.ones((5, 3)), r"f32\[5,3\]"),
        ((jnp.ones((5, 3)), 2.0), r"\(f32\[5,3\], 2\.0\)"),
        (2.0, r"2\.0"),
    ],
    ids=["sizes", "batches", "ranks", "scalar", "three", "one", "number", "no array"],
)
def test_pairs(x, got):
    layer = lx.Bilinear(3, 4, 2)
    with pytest.raises(ValueError, match=rf"{PAIR}; got {got}\n"):
        layer(x, *layer.init(0))


def test_scale_begins_as_the_identity():
    x = jnp.asarray(np.random.default_rng(0).normal(size=(4, 2, 3)), jnp.float32)
    for shape in (3, (2, 3)):
        layer = lx.Scale(shape)
        np.testing.assert_array_equal(layer(x, *layer.init(0))[0], x)


def test_scale_does_not_broadcast():
    layer = lx.Scale((2, 3))
    for x in (jnp.ones((4, 1, 3)), jnp.ones(3), 2.0):
        with pytest.raises(ValueError, match=r"expected x of shape \(…, 2, 3\); got "):
            layer(x, *layer.init(0))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: lx.Bilinear(0, 1, 1), r"Bilinear\.in1_dims must be a positive integer, got 0"),
        (lambda: lx.Bilinear(1, 1, 1, "relu"), r"Bilinear\.activation must be a function"),
        (
            lambda: lx.Bilinear(1, 1, 1, init_bias=lx.init.zeros),
            r"Bilinear\.init_bias is the class",
        ),
        (lambda: lx.Scale((2, 0)), r"Scale\.shape must be a positive integer or a tuple of them"),
        (lambda: lx.Scale(2, lx.Identity()), r"Scale\.activation must be a function, got a layer"),
        (lambda: lx.Scale(2, init_weight=1), r"Scale\.init_weight must be a function \(key, shape"),
    ],
)
def test_fields(make, says):
    with pytest.raises((ValueError, TypeError), match=says):
        make()
