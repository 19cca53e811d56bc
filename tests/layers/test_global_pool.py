"""Pooling over all of space: what it keeps, and what it refuses."""

import jax.numpy as jnp
import pytest

import luxnb as lx

POOLS = [lx.GlobalMaxPool(), lx.GlobalMeanPool(), lx.GlobalLPPool()]


@pytest.mark.parametrize("layer", POOLS, ids=repr)
@pytest.mark.parametrize("space", [(5,), (3, 4), (2, 3, 2)])
def test_space_stays_with_size_one(layer, space):
    y, _ = layer(jnp.ones((2, *space, 3)), *layer.init(0))
    assert y.shape == (2, *[1] * len(space), 3)


def test_a_mean_in_half_precision_is_summed_in_float32():
    layer = lx.GlobalMeanPool()
    y, _ = layer(jnp.ones((1, 1000, 1), jnp.bfloat16), *layer.init(0))
    assert y.dtype == jnp.bfloat16
    assert y.item() == 1


@pytest.mark.parametrize("layer", POOLS, ids=repr)
@pytest.mark.parametrize("shape", [(3, 4), (2,), (1, 1, 1, 1, 1, 1)])
def test_inputs_of_another_shape(layer, shape):
    with pytest.raises(
        ValueError,
        match=r"expected x of shape \(batch, \*space, channels\) with 1 to 3 axes of space; "
        r"got f32\[.*\]",
    ):
        layer(jnp.ones(shape), *layer.init(0))
