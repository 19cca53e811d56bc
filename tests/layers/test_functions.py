"""Layers without parameters: what they return, and what they refuse."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx


def run(layer, x):
    return layer(x, *layer.init(0))[0]


def test_identity_returns_the_very_input():
    x = {"a": jnp.ones(2)}
    assert run(lx.Identity(), x) is x


def test_function():
    np.testing.assert_allclose(
        run(lx.Function(jnp.sin), jnp.arange(3.0)), np.sin(np.arange(3)), rtol=1e-5
    )


def test_functions_are_functions():
    with pytest.raises(TypeError, match=r"Function\.function must be a function, got 3"):
        lx.Function(3)
    with pytest.raises(TypeError, match="must be a function, got a class of layers: Flatten"):
        lx.Function(lx.Flatten)
    with pytest.raises(
        TypeError, match="must be a function, got a layer; put it in a Chain: Flatten"
    ):
        lx.Function(lx.Flatten())


@pytest.mark.parametrize(
    ("shape", "flat"), [((2, 3, 4), (2, 12)), ((2, 3), (2, 3)), ((5,), (5, 1)), ((0, 2, 3), (0, 6))]
)
def test_flatten(shape, flat):
    x = np.arange(np.prod(shape)).reshape(shape)
    np.testing.assert_array_equal(run(lx.Flatten(), jnp.asarray(x)), x.reshape(flat))


@pytest.mark.parametrize(("x", "shown"), [(jnp.ones(()), r"f32\[\]"), ([1, 2], r"\(1, 2\)")])
def test_flatten_needs_a_batch(x, shown):
    with pytest.raises(ValueError, match=rf"expected x of shape \(batch, …\); got {shown}"):
        run(lx.Flatten(), x)


@pytest.mark.parametrize(("axes", "flat"), [(1, (2, 3, 4, 5)), (2, (2, 12, 5)), (3, (2, 60))])
def test_flatten_some_axes(axes, flat):
    x = np.arange(120).reshape(2, 3, 4, 5)
    np.testing.assert_array_equal(run(lx.Flatten(axes), jnp.asarray(x)), x.reshape(flat))


def test_flatten_more_axes_than_there_are():
    with pytest.raises(
        ValueError, match=r"expected x of shape \(batch, …\) with at least 3 axes; got f32\[2,3\]"
    ):
        run(lx.Flatten(2), jnp.ones((2, 3)))
    with pytest.raises(ValueError, match=r"Flatten\.axes must be a positive integer, got 0"):
        lx.Flatten(0)
