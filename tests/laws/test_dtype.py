"""Law: float32 by default, whatever x64 says; and a model cast to bfloat16 runs in bfloat16."""

import jax
import jax.numpy as jnp
import numpy as np

import luxnb as lx
from tests.laws.leaves import cast, floats
from tests.laws.specimen import compiled
from tests.same import assert_same, bits, signature


def test_float32_by_default(specimen):
    ps, st = specimen.made
    y, new = compiled(specimen.layer, specimen.x, ps, st)
    assert floats((ps, st)) <= {"float32"}
    assert floats(y) == {"float32"}
    assert floats(new) <= {"float32"}


def test_float32_under_x64(specimen):
    ps, st = specimen.made
    with jax.enable_x64(True):
        made = specimen.layer.init(0)
        assert bits(made) == bits((ps, st))
        y, new = compiled(specimen.layer, specimen.x, *made)
        assert floats(y) == {"float32"}
        assert signature(new) == signature(st)


def test_float64_when_asked(specimen):
    ps, st = specimen.made
    with jax.enable_x64(True):
        x, ps = cast(specimen.x, jnp.float64), cast(ps, jnp.float64)
        y, new = compiled(specimen.layer, x, ps, st)
        assert floats(y) == {"float64"}
        assert signature(new) == signature(st)


def test_bfloat16_parameters(specimen):
    ps, st = specimen.made
    x, ps = cast(specimen.x, jnp.bfloat16), cast(ps, jnp.bfloat16)
    for state in (st, lx.testmode(st)):
        y, new = compiled(specimen.layer, x, ps, state)
        assert floats(y) <= {"bfloat16"}
        assert signature(new) == signature(state)
        assert all(np.isfinite(np.asarray(v, np.float32)).all() for v in jax.tree.leaves(y))


def test_numpy_inputs_are_arrays_too(specimen):
    ps, st = specimen.made
    x = jax.tree.map(np.asarray, specimen.x)
    assert_same(compiled(specimen.layer, x, ps, st), compiled(specimen.layer, specimen.x, ps, st))


def test_strict_promotion(specimen):
    """No layer mixes dtypes behind the user's back."""
    ps, st = specimen.made
    with jax.numpy_dtype_promotion("strict"):
        jax.eval_shape(specimen.layer, specimen.x, ps, st)
        jax.eval_shape(specimen.layer, specimen.x, ps, lx.testmode(st))


def test_no_silent_broadcasting(specimen):
    """Arrays of different rank meet only where the layer says so."""
    ps, st = specimen.made
    with jax.numpy_rank_promotion("raise"):
        jax.eval_shape(specimen.layer, specimen.x, ps, st)
        jax.eval_shape(specimen.layer, specimen.x, ps, lx.testmode(st))
