"""Embedding: fresh weights, ids that are not there, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx


def test_fresh_weights_are_normal():
    ps, _ = lx.Embedding(100, 50).init(0)
    assert scipy.stats.kstest(np.asarray(ps.weight, float).ravel(), "norm").pvalue > 1e-3


@pytest.mark.parametrize("run", [lambda f: f, jax.jit], ids=["eager", "jit"])
def test_an_id_that_is_not_there_gives_nan(run):
    layer = lx.Embedding(4, 2)
    ps, st = layer.init(0)
    y, _ = run(layer)(jnp.array([0, 4, -1, 3, -4, 2**31 - 1]), ps, st)
    missing = np.isnan(np.asarray(y)).all(axis=1)
    assert missing.tolist() == [False, True, True, False, True, True]
    np.testing.assert_array_equal(y[jnp.array([0, 3])], ps.weight[jnp.array([0, 3])])


def test_an_index_of_a_pair_that_is_not_there_gives_nan():
    layer = lx.Embedding((4, 3), 2)
    ps, st = layer.init(0)
    y, _ = layer((jnp.array([3, 3, -1]), jnp.array([2, 3, 0])), ps, st)
    assert np.isnan(np.asarray(y)).all(axis=1).tolist() == [False, True, True]


@pytest.mark.parametrize("dtype", [jnp.int8, jnp.uint8, jnp.uint32, np.int64])
def test_all_kinds_of_integers(dtype):
    layer = lx.Embedding(300, 2)
    ps, st = layer.init(0)
    y, _ = layer(np.array([1, 100], dtype), ps, st)
    np.testing.assert_array_equal(y, ps.weight[jnp.array([1, 100])])


@pytest.mark.parametrize(
    ("layer", "x", "expected"),
    [
        (lx.Embedding(4, 2), jnp.ones(3), r"integers, got f32\[3\]"),
        (lx.Embedding(4, 2), jnp.ones(3, bool), r"integers, got bool\[3\]"),
        (lx.Embedding(4, 2), (jnp.array([1]),), r"integers, got \(i32\[1\],\)"),
        (lx.Embedding(4, 2), 3, "integers, got 3"),
        (
            lx.Embedding((4, 3), 2),
            jnp.array([1, 2]),
            r"a tuple of 2 arrays of integers of one shape, got i32\[2\]",
        ),
        (
            lx.Embedding((4, 3), 2),
            (jnp.array([1]),),
            r"a tuple of 2 arrays of integers of one shape, got \(i32\[1\],\)",
        ),
        (
            lx.Embedding((4, 3), 2),
            (jnp.array([1]), jnp.array([1, 2])),
            r"a tuple of 2 arrays of integers of one shape, got \(i32\[1\], i32\[2\]\)",
        ),
        (
            lx.Embedding((4, 3), 2),
            (jnp.array([1]), jnp.array([1.0])),
            r"a tuple of 2 arrays of integers of one shape, got \(i32\[1\], f32\[1\]\)",
        ),
    ],
)
def test_what_are_no_ids(layer, x, expected):
    with pytest.raises(TypeError, match=f"expected x to be {expected}"):
        layer(x, *layer.init(0))


def test_fields():
    with pytest.raises(ValueError, match=r"Embedding\.vocabulary must be a positive integer or a"):
        lx.Embedding(0, 2)
    with pytest.raises(ValueError, match=r"Embedding\.vocabulary must be .* tuple of them, got \("):
        lx.Embedding((4, 0), 2)
    with pytest.raises(ValueError, match=r"Embedding\.dims must be a positive integer, got 0"):
        lx.Embedding(4, 0)
    with pytest.raises(TypeError, match=r"Embedding\.init_weight is the class normal; write norm"):
        lx.Embedding(4, 2, init_weight=lx.init.normal)
