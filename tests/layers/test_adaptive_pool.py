"""Pooling to a given size: that it costs few operations, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx

POOLS = [lx.AdaptiveMaxPool, lx.AdaptiveMeanPool, lx.AdaptiveLPPool]
EACH = pytest.mark.parametrize("pool", POOLS)


@EACH
def test_the_program_is_as_long_for_many_windows_as_for_few(pool):
    def length(size):
        x = jax.ShapeDtypeStruct((1, 200, 200, 1), jnp.float32)
        grad = jax.grad(lambda x: pool(size)(x, {}, {})[0].sum())
        return len(jax.make_jaxpr(grad)(x).eqns)

    assert length((150, 199)) <= length((70, 90)) + 5


def test_windows_keep_what_is_not_a_number_to_themselves():
    x = jnp.arange(7.0).at[0].set(jnp.nan).reshape(1, 7, 1)
    for pool, rest in ((lx.AdaptiveMaxPool, [4, 6]), (lx.AdaptiveMeanPool, [3, 5])):
        y = pool((3,))(x, {}, {})[0].ravel()
        assert np.isnan(y[0])
        np.testing.assert_allclose(y[1:], rest)


@EACH
@pytest.mark.parametrize("size", [2, (), (1, 2, 3, 4), (0,), (None, 2)], ids=repr)
def test_sizes(pool, size):
    with pytest.raises(
        ValueError,
        match=rf"^{pool.__name__}\.size must be a tuple of 1 to 3 positive integers, .* got .*",
    ):
        pool(size)


@EACH
def test_inputs_of_another_shape(pool):
    with pytest.raises(
        ValueError, match=r"expected x of shape \(batch, height, width, channels\); got f32\[4,4\]"
    ):
        pool((2, 2))(jnp.ones((4, 4)), {}, {})
