"""WithDtype: what is computed in which dtype, and what keeps its own."""

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

import luxnb as lx
from tests.laws.table.own import Counter
from tests.same import assert_same

X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


class Dtypes(lx.Layer):
    """Shows the dtypes that it is given."""

    inner: lx.Layer = lx.Dense(3, 2)

    def init_state(self, key):
        return {"seen": jnp.zeros(2), "key": key, "mode": lx.Mode.TRAIN}

    def forward(self, x, ps, st):
        assert x["x"].dtype == ps.inner.weight.dtype == jnp.bfloat16
        assert x["labels"].dtype == jnp.int32 and st.seen.dtype == jnp.float32
        y, st.inner = self.inner(x["x"], ps.inner, st.inner)
        return {"y": y, "labels": x["labels"]}, st


def test_it_computes_in_its_dtype_and_returns_in_the_dtype_of_x():
    layer = lx.WithDtype(Dtypes(), "bfloat16")
    ps, st = layer.init(0)
    for dtype in (jnp.float32, jnp.float16):
        x = {"x": jnp.asarray(X, dtype), "labels": jnp.arange(4)}
        y, new = layer(x, ps, st)
        assert (y["y"].dtype, y["labels"].dtype) == (dtype, jnp.int32)
        assert_same(new, st)


def test_the_numbers_are_rounded():
    layer = lx.WithDtype(lx.Scale(3, use_bias=False, init_weight=lx.init.normal()), "bfloat16")
    ps, st = layer.init(0)
    half = X.astype(ml_dtypes.bfloat16) * np.asarray(ps.layer.weight).astype(ml_dtypes.bfloat16)
    y, _ = layer(X, ps, st)
    np.testing.assert_array_equal(y, half.astype(np.float32))
    assert not np.array_equal(y, X * np.asarray(ps.layer.weight))


def test_gradients_have_the_dtype_of_the_parameters():
    layer = lx.WithDtype(lx.Dense(3, 2, jnp.tanh), "bfloat16")
    ps, st = layer.init(0)
    got = jax.grad(lambda ps: (layer(X, ps, st)[0] ** 2).sum())(ps).layer
    plain = jax.grad(lambda ps: (layer.layer(X, ps, {})[0] ** 2).sum())(ps.layer)
    for name in ("weight", "bias"):
        assert got[name].dtype == jnp.float32
        np.testing.assert_allclose(got[name], plain[name], rtol=0.05, atol=0.05)
        assert not np.array_equal(got[name], plain[name])


def test_without_floats_in_x_the_parameters_decide():
    class Table(lx.Layer):
        def init_params(self, key):
            return {"rows": jnp.ones((5, 2))}

        def forward(self, x, ps, st):
            assert ps.rows.dtype == jnp.float16
            return ps.rows[x], st

    layer = lx.WithDtype(Table(), "float16")
    assert layer(jnp.arange(3), *layer.init(0))[0].dtype == jnp.float32


def test_the_state_keeps_its_dtype():
    layer = lx.WithDtype(lx.Chain(lx.BatchNorm(3), Counter()), "bfloat16")
    y, st = layer(X, *layer.init(0))
    assert y.dtype == jnp.float32
    assert {v.dtype for v in jax.tree.leaves(st)} == {np.dtype("float32")}
    np.testing.assert_allclose(
        st.layer.layer_1.running_mean, 0.1 * X.mean(0), rtol=0.02, atol=0.002
    )


@pytest.mark.parametrize(
    "dtype", ["bfloat16", jnp.bfloat16, ml_dtypes.bfloat16, jnp.dtype("bfloat16")], ids=repr
)
def test_one_spelling(dtype):
    layer = lx.WithDtype(lx.Dense(2, 3), dtype)
    assert layer == lx.WithDtype(lx.Dense(2, 3), "bfloat16")
    assert repr(layer) == "WithDtype(Dense(2, 3), 'bfloat16')"
    assert lx.replace(layer, "dtype", jnp.float16).dtype == "float16"


@pytest.mark.parametrize("dtype", ["int8", None, 16, "half precision"], ids=repr)
def test_dtypes(dtype):
    with pytest.raises(
        ValueError, match=r"WithDtype\.dtype must be one of floats, such as 'bfloat16', got .+"
    ):
        lx.WithDtype(lx.Dense(2, 3), dtype)


def test_layers():
    with pytest.raises(TypeError, match=r"WithDtype\.layer must be a layer, got .*sin"):
        lx.WithDtype(jnp.sin, "bfloat16")
