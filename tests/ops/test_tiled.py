"""Convolution by tiles against loops, and its derivatives against XLA's convolution."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import luxnb as lx
from luxnb.ops.conv import conv
from luxnb.ops.tiled import is_for_tiles, tiled
from tests.windows import correlate

RNG = np.random.default_rng(0)

CASES = [
    # space, kernel, stride, padding, dilation
    ((9,), (3,), (1,), ((1, 2),), (1,)),
    ((2,), (3,), (1,), ((1, 1),), (1,)),
    ((11,), (2,), (3,), ((0, 0),), (4,)),
    ((28, 28), (5, 5), (1, 1), ((2, 2), (2, 2)), (1, 1)),
    ((6, 14), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    ((6, 7), (2, 3), (1, 2), ((0, 1), (2, 0)), (2, 1)),
    ((6, 9), (1, 9), (1, 1), ((0, 0), (0, 0)), (1, 1)),
    ((4, 5, 3), (2, 2, 2), (2, 1, 1), ((1, 0), (0, 0), (1, 1)), (1, 2, 1)),
]
CROPPED = [((5, 8), (3, 2), (2, 1), ((0, 0), (-1, -2)), (1, 3))]  # by padding of less than none


def arrays(space, kernel, dtype=np.float32):
    x, weight = RNG.normal(size=(2, *space, 3)), RNG.normal(size=(*kernel, 3, 4))
    return jnp.asarray(x, dtype), jnp.asarray(weight, dtype)


def by_xla(x, weight, stride, padding, dilation):
    space = "DHW"[-len(stride) :]
    numbers = (f"N{space}C", f"{space}IO", f"N{space}C")
    return lax.conv_general_dilated(
        x, weight, stride, padding, rhs_dilation=dilation, dimension_numbers=numbers
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_against_loops(case):
    space, kernel, *how = case
    x, weight = arrays(space, kernel)
    expected = correlate(np.asarray(x), np.asarray(weight), *how, 1)
    np.testing.assert_allclose(tiled(x, weight, *how), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", CASES + CROPPED, ids=str)
def test_derivatives_against_those_of_xla(case):
    space, kernel, *how = case
    x, weight = arrays(space, kernel)

    def derivatives(function):
        def loss(x, weight):
            return jnp.sum(jnp.sin(function(x, weight, *how)))

        gradient = jax.grad(loss, (0, 1))
        return loss(x, weight), gradient(x, weight), jax.jvp(gradient, (x, weight), (x, weight))[1]

    for ours, theirs in zip(
        jax.tree.leaves(derivatives(tiled)), jax.tree.leaves(derivatives(by_xla)), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16])
def test_half_precision(dtype):
    how = (1, 1), ((1, 1), (1, 1)), (1, 1)
    x, weight = arrays((6, 7), (3, 3), dtype)
    y = tiled(x, weight, *how)
    assert y.dtype == dtype
    expected = by_xla(x.astype(jnp.float32), weight.astype(jnp.float32), *how)
    np.testing.assert_allclose(y.astype(jnp.float32), expected, rtol=2e-2, atol=5e-2)


def test_many_kernels_at_once():
    how = (1,), ((1, 1),), (1,)
    x, weight = RNG.normal(size=(5, 2, 9, 3)), RNG.normal(size=(5, 3, 3, 4))
    x, weight = x.astype(np.float32), weight.astype(np.float32)
    many = jax.vmap(lambda x, weight: tiled(x, weight, *how))(x, weight)
    each = [by_xla(a, b, *how) for a, b in zip(x, weight, strict=True)]
    np.testing.assert_allclose(many, np.stack(each), rtol=1e-4, atol=1e-5)


def test_shapes_and_platform_say_when(monkeypatch):
    def primitives(x, weight, stride=(1, 1)):
        return str(jax.make_jaxpr(lambda x, w: conv(x, w, stride, "SAME", (1, 1), 1))(x, weight))

    x, weight = arrays((8, 8), (3, 3))
    assert "conv_general_dilated" not in primitives(x, weight)
    assert "conv_general_dilated" in primitives(x, weight, (2, 2))
    assert "conv_general_dilated" in primitives(jnp.ones((1, 8, 8, 9)), jnp.ones((3, 3, 9, 4)))
    assert "conv_general_dilated" in primitives(x, jnp.ones((3, 3, 3, 65)))
    large = jax.ShapeDtypeStruct((512, 224, 224, 3), "float32")
    assert not is_for_tiles(large, weight, (1, 1))
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert "conv_general_dilated" in primitives(x, weight)


def test_only_the_operations_of_the_convolution_are_counted():
    model = lx.Conv((5, 5), 1, 6, padding=2, use_bias=False)
    x = jax.ShapeDtypeStruct((4, 28, 28, 1), jnp.float32)
    seen = sum(min(i + 3, 28) - max(i - 2, 0) for i in range(28))  # along an axis, no padding
    assert lx.summary(model, x).flops == 2 * 4 * 6 * seen**2
