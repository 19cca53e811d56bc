"""StatefulCell: a sequence given step by step, begun anew, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_close, assert_same

X = jnp.asarray(np.random.default_rng(0).normal(size=(3, 5, 2)), jnp.float32)


@pytest.mark.parametrize("train_carry", [False, True])
def test_step_by_step_is_a_recurrence(train_carry):
    cell = lx.LSTMCell(2, 4, train_carry=train_carry)
    layer = lx.StatefulCell(cell, 3)
    ps, st = layer.init(0)
    if train_carry:  # not known to the state: it is read at the first step
        ps = ps.at["cell.hidden"].set(jnp.arange(4.0)).at["cell.memory"].set(jnp.ones(4))
    expected, _ = lx.Recurrence(cell)(X, ps, {"cell": {}})
    for _ in range(2):
        for t in range(5):
            y, st = layer(X[:, t], ps, st)
            assert_close(y, expected[:, t])
        assert not st.fresh
        st = lx.reset_carry(st)
        assert st.fresh


def test_a_carry_of_ones_own():
    class Count(lx.Layer):
        def initial_carry(self, ps, batch):
            return jnp.zeros(batch, int), (jnp.ones(batch, jnp.float32),)

        def forward(self, x, ps, st):
            x, (calls, rest) = x
            return (x * calls[:, None], (calls + 1, rest)), st

    layer = lx.StatefulCell(Count(), 3)
    ps, st = layer.init(0)
    for t in range(3):
        y, st = layer(X[:, t], ps, st)
        assert_close(y, X[:, t] * t)
    assert "carry" in str(lx.view(layer, ps, st).text)


def test_every_carry_of_a_model_is_reset_and_nothing_else():
    model = lx.Chain(
        lx.StatefulCell(lx.GRUCell(2, 3), 3),
        lx.BatchNorm(3),
        lx.SkipConnection(lx.StatefulCell(lx.RNNCell(3, 3), 3)),
    )
    ps, st = model.init(0)
    _, after = model(X[:, 0], ps, st)
    reset = jax.jit(lx.reset_carry)(after)
    assert reset.layer_1.fresh
    assert reset.layer_3.layer.fresh
    assert_same(reset.layer_2, after.layer_2)
    assert_close(model(X[:, 0], ps, reset)[0], model(X[:, 0], ps, st)[0])


def test_a_model_has_no_carry():
    layer = lx.StatefulCell(lx.GRUCell(2, 3), 3)
    with pytest.raises(TypeError, match="the carry lives in the state, not in the model: got Stat"):
        lx.reset_carry(layer)


def test_fields():
    with pytest.raises(TypeError, match=r"StatefulCell\.cell must be a cell"):
        lx.StatefulCell(lx.Dense(2, 3), 1)
    with pytest.raises(ValueError, match=r"StatefulCell\.batch_size must be a positive integer"):
        lx.StatefulCell(lx.GRUCell(2, 3), 0)


@pytest.mark.parametrize("x", [X[:2, 0], X[0, 0], 1.0], ids=["batch", "no batch", "number"])
def test_another_batch(x):
    layer = lx.StatefulCell(lx.GRUCell(2, 3), 3)
    with pytest.raises(
        ValueError, match=r"expected x of shape \(3, features\), batch_size = 3; got .*"
    ):
        layer(x, *layer.init(0))
