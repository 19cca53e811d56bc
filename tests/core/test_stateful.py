"""Stateful threads the state, and refuses to keep what belongs to a trace."""

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.same import assert_same

MODEL = lx.Chain(lx.Dense(2, 8), lx.Dropout(0.5))
X = jnp.ones((3, 2))


def test_the_state_moves_on():
    ps, st = MODEL.init(0)
    net = lx.Stateful(MODEL, ps, st)
    for _ in range(3):
        y, st = MODEL(X, ps, st)
        assert_same(net(X), y)
        assert_same(net.state, st)


def test_parameters_and_state_can_be_set():
    net = lx.Stateful(MODEL, *MODEL.init(0))
    net.state = lx.testmode(net.state)
    first = net(X)
    assert_same(net(X), first)
    net.params = jax.tree.map(jnp.zeros_like, net.params)
    assert_same(net(X), jnp.zeros((3, 8)))


def test_an_error_leaves_the_state():
    net = lx.Stateful(MODEL, *MODEL.init(0))
    before = net.state
    with pytest.raises(ValueError, match="expected x of shape"):
        net(jnp.ones((3, 3)))
    assert net.state is before


def test_a_trace_does_not_leave_its_state_behind():
    net = lx.Stateful(MODEL, *MODEL.init(0))
    before = net.state
    message = r"Stateful cannot keep a state out of jit, grad or vmap: inside of them write y, st ="
    with pytest.raises(TypeError, match=message):
        jax.jit(net)(X)
    assert net.state is before


def test_without_state_it_can_be_differentiated():
    net = lx.Stateful(lx.Function(jnp.sin), *lx.Function(jnp.sin).init(0))
    assert float(jax.grad(net)(0.0)) == 1.0


def test_views():
    net = lx.Stateful(MODEL, *MODEL.init(0))
    assert repr(net) == f"Stateful({MODEL!r})"
    assert str(net) == lx.view(MODEL, net.params, net.state).text
    assert net._repr_mimebundle_()["text/html"].startswith("<div")


def test_what_is_no_layer():
    with pytest.raises(TypeError, match="Stateful needs a layer, got 3"):
        lx.Stateful(3, {}, {})
