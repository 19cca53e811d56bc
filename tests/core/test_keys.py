"""Keys: any seed makes one, and each name has its own."""

import zlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.core.keys import as_key


def data(key):
    return np.asarray(jax.random.key_data(key)).tolist()


def test_the_key_of_a_name_is_folded_in():
    key = jax.random.key(7)
    expected = jax.random.fold_in(key, zlib.crc32(b"weight"))
    assert data(lx.key_for(key, "weight")) == data(expected)


def test_names_have_different_keys():
    key = jax.random.key(0)
    names = ["weight", "bias", "layer_1", "layer_2", "layer_10", "/params", "/state", "ä"]
    assert len({tuple(data(lx.key_for(key, name))) for name in names}) == len(names)


@pytest.mark.parametrize(
    "seed",
    [5, np.int64(5), np.array(5), jnp.array(5), jax.random.key(5), jax.random.PRNGKey(5)],
    ids=["int", "np.int64", "np array", "jnp array", "key", "PRNGKey"],
)
def test_kinds_of_seed(seed):
    assert data(as_key(seed)) == data(jax.random.key(5))


def test_a_seed_may_be_abstract():
    _, st = jax.eval_shape(lx.Dropout().init, 0)
    assert st.key.shape == ()
    models = jax.vmap(lx.Dense(2, 3).init)(jnp.arange(4))
    np.testing.assert_allclose(models[0].weight[3], lx.Dense(2, 3).init(3)[0].weight, rtol=1e-6)


@pytest.mark.parametrize("seed", [1.5, "0", None, jnp.ones(2), jnp.ones((), float)], ids=repr)
def test_what_is_no_seed(seed):
    with pytest.raises(TypeError, match=r"expected a seed .* got .*; write jax.random.key\(0\)"):
        as_key(seed)


def test_many_keys_are_not_one():
    keys = jax.random.split(jax.random.key(0), 3)
    with pytest.raises(ValueError, match=r"expected one random key, got an array of keys \(3,\)"):
        lx.Dense(2, 3).init(keys)
