"""Entries of two Trees: whether they differ in a bit, and by how much, against NumPy."""

import re

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from luxnb import Mode, Tree, diff
from luxnb.inspect.diff.values import CHUNK, difference


def numbers(words):
    """(max |Δ|, ‖Δ‖/‖a‖) as they are said."""
    found = re.fullmatch(r"max \|Δ\| ([\d.e+-]+)(?:, ‖Δ‖/‖a‖ ([\d.e+-]+))?", words)
    return tuple(float(number) for number in found.groups() if number)


@pytest.mark.parametrize(
    "dtype", [np.float32, np.float16, ml_dtypes.bfloat16, np.int8, np.complex64]
)
@pytest.mark.parametrize("size", [1, 7, CHUNK + 5])
def test_amounts_by_numpy(dtype, size):
    random = np.random.default_rng(0)
    a, b = ((random.normal(size=size) * 20).astype(dtype) for _ in range(2))
    wide = np.complex128 if dtype is np.complex64 else np.float64
    delta = b.astype(wide) - a.astype(wide)
    said = numbers(difference(a, jnp.asarray(b)))
    norm = np.linalg.norm(delta) / np.linalg.norm(a.astype(wide))
    np.testing.assert_allclose(said, (np.abs(delta).max(), norm), rtol=6e-3)


def test_the_same_bits():
    a = np.array([1.0, np.nan, -np.inf], np.float32)
    assert difference(a, a.copy()) is None
    assert difference(a, jnp.asarray(a)) is None
    assert difference(jnp.float32(0), jnp.float32(-0.0)) == "max |Δ| 0"
    assert difference(np.zeros((0, 3)), np.zeros((0, 3))) is None


def test_numbers_that_are_none():
    a, b = np.array([1.0, 2.0, np.inf]), np.array([1.5, np.nan, np.nan])
    assert difference(a, b) == "max |Δ| 0.5, ‖Δ‖/‖a‖ 0.5, 2 not finite"
    assert difference(np.ones(2), np.full(2, np.nan)) == "2 not finite"


def test_no_overflow():
    a, b = np.uint8([250]), np.uint8([3])
    assert numbers(difference(a, b))[0] == 247
    a, b = jnp.float16([60000]), jnp.float16([-60000])
    assert numbers(difference(a, b)) == (120000, 2)


def test_another_shape_or_dtype():
    assert difference(np.ones(2), np.ones(3)) == ""
    assert difference(np.float32([1.0]), np.float64([1.5])) == "max |Δ| 0.5, ‖Δ‖/‖a‖ 0.5"
    assert difference(np.float32([1.0]), np.float64([1.0])) == "max |Δ| 0"
    assert difference(np.float32(1.0), np.float32(2.0)) == "max |Δ| 1, ‖Δ‖/‖a‖ 1"


def test_shapes_alone_tracers_and_deleted_arrays():
    spec, array = jax.ShapeDtypeStruct((2,), jnp.float32), jnp.ones(2)
    assert difference(spec, array) is None
    assert difference(spec, jax.ShapeDtypeStruct((2,), jnp.int32)) == ""
    seen = []
    jax.jit(lambda x: seen.append(difference(x, array)))(jnp.zeros(2))
    assert seen == [None]
    gone = jnp.zeros(2)
    gone.delete()
    assert difference(gone, array) is None


def test_random_keys():
    assert difference(jax.random.key(0), jax.random.key(0)) is None
    assert difference(jax.random.key(0), jax.random.key(1)) == "another key"
    assert difference(jax.random.key(0), jax.random.key(0, impl="rbg")) == "another key"


class Odd:
    """Says neither yes nor no when it is compared."""

    def __eq__(self, other):
        raise RuntimeError


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        (Mode.TRAIN, Mode.TRAIN, True),
        (Mode.TRAIN, Mode.TEST, False),
        (1, 1, True),
        (1, 1.0, False),
        (float("nan"), float("nan"), True),
        (None, None, True),
        (None, 1, False),
        ("a", "b", False),
        (np.ones(2), 1, False),
        ((np.ones(2), 1), (np.ones(2), 1), True),
        ((np.ones(2), 1), (np.ones(2), 2), False),
        ((np.ones(2),), [np.ones(2)], False),
        (Odd(), Odd(), False),
    ],
)
def test_what_is_no_array(old, new, is_same):
    assert (difference(old, new) is None) == is_same
    assert (difference(new, old) is None) == is_same


def test_nothing_is_read_by_a_view():
    a, b = Tree(w=jnp.ones(3)), Tree(w=jnp.zeros(3))
    found = diff(a, b)
    before = str(found)
    a.w.delete()
    b.w.delete()
    assert str(found) == before and "max |Δ| 1" in before
