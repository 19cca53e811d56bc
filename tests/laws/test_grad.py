"""Law: gradients by input and parameters are finite and equal finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.test_util import check_grads

from tests.same import signature


def test_gradients_are_finite_and_shaped_like_the_parameters(specimen):
    ps, st = specimen.made

    def loss(x, ps):
        y, _ = specimen.layer(x, ps, st)
        return sum(jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(y))

    gradients = jax.jit(jax.grad(loss, argnums=(0, 1)))(specimen.x, ps)
    assert signature(gradients) == signature((specimen.x, ps))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradients))


def test_gradients_equal_finite_differences(specimen):
    ps, st = specimen.made
    with jax.enable_x64(True):
        x, ps = jax.tree.map(lambda v: jnp.asarray(v, jnp.float64), (specimen.x, ps))

        @jax.jit
        def output(x, ps):
            return specimen.layer(x, ps, st)[0]

        check_grads(output, (x, ps), order=1, modes=["rev"], atol=1e-6, rtol=1e-6, eps=1e-5)
