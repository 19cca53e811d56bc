"""SkipConnection: a function or a layer joins the two ways."""

import operator

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.laws.table.own import Counter, Join

X = jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)), jnp.float32)


def run(layer, x=X):
    return layer(x, *layer.init(0))


def test_the_sum_by_default():
    y, _ = run(lx.SkipConnection(lx.Function(jnp.sin)))
    np.testing.assert_allclose(y, np.sin(X) + X, rtol=1e-5)


def test_a_function_gets_the_layer_first():
    y, _ = run(lx.SkipConnection(lx.Function(jnp.sin), operator.sub))
    np.testing.assert_allclose(y, np.sin(X) - X, rtol=1e-5, atol=1e-6)


def test_a_layer_gets_the_pair():
    y, st = run(lx.SkipConnection(lx.Function(jnp.sin), lx.Chain(Join(), Counter())))
    np.testing.assert_allclose(y, np.concatenate([np.sin(X), X], 1) + 1, rtol=1e-5)
    assert st.connection.layer_2.calls == 1


def test_state_passes_through():
    _, st = run(lx.SkipConnection(Counter()))
    assert st.layer.calls == 1


def test_what_it_joins():
    with pytest.raises(
        TypeError,
        match=r"SkipConnection\.layer must be a layer, got .*sin.*; "
        r"a function is one as Function\(f\)",
    ):
        lx.SkipConnection(jnp.sin)
    with pytest.raises(
        TypeError, match=r"SkipConnection\.connection must be a function or a layer, got '\+'"
    ):
        lx.SkipConnection(Counter(), "+")
