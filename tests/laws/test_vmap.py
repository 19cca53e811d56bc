"""Law: vmap over inputs, with the parameters and state fixed, equals one call for each."""

import jax
import jax.numpy as jnp

from luxnb.core.spec import is_key
from tests.laws.specimen import compiled
from tests.same import assert_close


def stacked(trees):
    def stack(*leaves):
        if is_key(leaves[0]):  # NumPy-like functions take no keys
            return jax.random.wrap_key_data(jnp.stack([jax.random.key_data(k) for k in leaves]))
        return jnp.stack(leaves)

    return jax.tree.map(stack, *trees)


def test_vmap_over_inputs(specimen):
    ps, st = specimen.made
    xs = specimen.inputs(3)
    expected = stacked([compiled(specimen.layer, x, ps, st) for x in xs])
    got = jax.jit(jax.vmap(specimen.layer, in_axes=(0, None, None)))(stacked(xs), ps, st)
    assert_close(got, expected)


def test_vmap_over_models(specimen):
    xs, models = specimen.inputs(2), [specimen.layer.init(seed) for seed in range(2)]
    got = jax.jit(jax.vmap(specimen.layer))(stacked(xs), *stacked(models))
    expected = [compiled(specimen.layer, x, *made) for x, made in zip(xs, models, strict=True)]
    assert_close(got, stacked(expected))
