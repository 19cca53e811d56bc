"""Law: gradients by input and parameters are finite and equal finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.test_util import check_grads

from tests.laws.leaves import cast, is_float, split_floats
from tests.same import signature


def test_gradients_are_finite_and_shaped_like_the_parameters(specimen):
    ps, st = specimen.made
    floats, join = split_floats((specimen.x, ps))

    def loss(floats):
        x, ps = join(floats)
        y, _ = specimen.layer(x, ps, st)
        return sum(jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(y) if is_float(leaf))

    gradients = jax.jit(jax.grad(loss))(floats)
    assert signature(gradients) == signature(floats)
    assert all(np.isfinite(leaf).all() for leaf in gradients)


def test_gradients_equal_finite_differences(specimen):
    ps, st = specimen.made
    with jax.enable_x64(True):
        floats, join = split_floats(cast((specimen.x, ps), jnp.float64))

        @jax.jit
        def output(floats):
            x, ps = join(floats)
            return [y for y in jax.tree.leaves(specimen.layer(x, ps, st)[0]) if is_float(y)]

        near = specimen.precision
        check_grads(output, (floats,), order=1, modes=["rev"], atol=near, rtol=near, eps=10 * near)
