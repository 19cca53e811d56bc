"""cast: floats and nothing else."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.core.cast import float_dtype
from tests.same import assert_same


def test_floats_alone_are_cast():
    tree = lx.Tree(
        weight=jnp.ones((2, 3)),
        half=np.ones(2, np.float16),
        steps=jnp.arange(3),
        mask=jnp.array([True]),
        wave=jnp.ones(2, jnp.complex64),
        key=jax.random.key(0),
        mode=lx.Mode.TEST,
        inner=lx.Tree(bias=jnp.zeros(3)),
    )
    cast = lx.cast(tree, jnp.bfloat16)
    assert [v.dtype for v in (cast.weight, cast.half, cast.inner.bias)] == [jnp.bfloat16] * 3
    for name in ("steps", "mask", "wave", "key", "mode"):
        assert cast[name] is tree[name]
    assert_same(lx.cast(cast, "float32").replace(half=tree.half), tree)


def test_what_is_no_tree():
    assert lx.cast((jnp.ones(2), 3, None), "float16")[0].dtype == jnp.float16
    assert lx.cast(jnp.arange(2), "float16").dtype == jnp.int32


def test_gradients_go_through():
    gradient = jax.grad(lambda x: lx.cast(x, "bfloat16").astype(jnp.float32).sum())(jnp.ones(3))
    assert gradient.dtype == jnp.float32


def test_the_first_floats_decide():
    trees = (jnp.arange(3), {"a": jnp.ones(2, jnp.bfloat16)}), jnp.ones(2)
    assert float_dtype(*trees) == jnp.bfloat16
    assert float_dtype(jnp.arange(3), jax.random.key(0), lx.Mode.TEST) is None


@pytest.mark.parametrize("dtype", [jnp.int32, "int8", "complex64", None, 3, "b16"], ids=repr)
def test_dtypes_of_floats(dtype):
    with pytest.raises(
        ValueError,
        match=r"the dtype to cast to must be one of floats, such as 'bfloat16', got .+",
    ):
        lx.cast(jnp.ones(2), dtype)


def test_layers_hold_nothing():
    with pytest.raises(
        TypeError, match=r"a layer holds no numbers to cast: .* or write WithDtype\(layer, dtype\)"
    ):
        lx.cast(lx.Dense(2, 3), "bfloat16")
