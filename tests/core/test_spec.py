"""Arrays as short text, read from shape and dtype alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.core.spec import is_array, is_key, short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.ones((64, 128), np.float32), "f32[64,128]"),
        (np.ones(3), "f64[3]"),
        (np.int8(1), "i8[]"),
        (jnp.ones((), jnp.bfloat16), "bf16[]"),
        (np.array([True]), "bool[1]"),
        (np.ones(1, complex), "c128[1]"),
        (np.array(["a"]), "<U1[1]"),
        (jax.ShapeDtypeStruct((2, 3), jnp.uint8), "u8[2,3]"),
        (jax.random.split(jax.random.key(0), 4), "key[4]"),
        ((np.ones(1), [np.ones(2)]), "(f64[1], (f64[2],))"),
        ({"a": np.ones(1), "b": 3}, "{a: f64[1], b: 3}"),
        ("word", "'word'"),
        ("x" * 100, "'" + "x" * 56 + "…"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_short(value, text):
    assert short(value) == text


def test_a_tracer_has_no_value_to_read():
    texts = []
    jax.jit(lambda x: texts.append(short(x)))(jnp.ones((2, 3)))
    assert texts == ["f32[2,3]"]


def test_a_repr_that_fails():
    class Bad:
        def __repr__(self):
            raise RuntimeError("no")

    assert short(Bad()) == "<Bad: repr failed>"


def test_is_array_and_is_key():
    assert is_array(np.ones(1)) and is_array(jnp.ones(1)) and is_array(jax.random.key(0))
    assert not is_array(np.float32) and not is_array([1.0]) and not is_array(1.0)
    assert is_key(jax.random.key(0)) and not is_key(jax.random.PRNGKey(0)) and not is_key(1)
