"""BidirectionalRNN: how it merges, and what it refuses."""

import operator
import re

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.same import assert_close, assert_same

X = jnp.asarray(np.random.default_rng(0).normal(size=(3, 5, 2)), jnp.float32)


def test_merges():
    layer = lx.BidirectionalRNN(lx.GRUCell(2, 4), merge=None)
    ps, st = layer.init(0)
    (forward, backward), _ = layer(X, ps, st)
    expected = {
        operator.mul: forward * backward,
        jnp.maximum: np.maximum(forward, backward),
    }
    for merge, y in expected.items():
        assert_close(layer.__replace__(merge=merge)(X, ps, st)[0], y)
    side_by_side, _ = lx.BidirectionalRNN(lx.GRUCell(2, 4))(X, ps, st)
    assert_same(side_by_side, jnp.concatenate([forward, backward], -1))


def test_cells_of_different_kinds_and_sizes():
    layer = lx.BidirectionalRNN(lx.GRUCell(2, 4), lx.LSTMCell(2, 3), return_carry=True)
    (y, carry), _ = layer(X, *layer.init(0))
    assert y.shape == (3, 5, 7)
    assert carry.forward_cell.hidden.shape == (3, 4)
    assert carry.backward_cell.memory.shape == (3, 3)


def test_one_cell_stands_for_two_with_parameters_of_their_own():
    layer = lx.BidirectionalRNN(lx.GRUCell(2, 4))
    ps, _ = layer.init(0)
    assert not np.array_equal(ps.forward_cell.weight_ih, ps.backward_cell.weight_ih)
    assert lx.replace(layer, "forward_cell", lx.GRUCell(2, 3)) == lx.BidirectionalRNN(
        lx.GRUCell(2, 3), lx.GRUCell(2, 4)
    )


def test_dropout_inside_is_drawn_for_each_direction():
    cell = lx.CellChain(lx.GRUCell(2, 8), lx.Dropout(0.5))
    layer = lx.BidirectionalRNN(cell, merge=None)
    ps, st = layer.init(0)
    (forward, backward), after = layer(X, ps, st)
    assert not np.array_equal(forward == 0, backward == 0)
    for name in ("forward_cell", "backward_cell"):
        assert after[name].layer_2.key != st[name].layer_2.key


def test_fields():
    with pytest.raises(TypeError, match=r"BidirectionalRNN\.forward_cell must be a cell"):
        lx.BidirectionalRNN(lx.Dense(2, 3))
    with pytest.raises(TypeError, match=r"BidirectionalRNN\.backward_cell must be a cell"):
        lx.BidirectionalRNN(lx.GRUCell(2, 3), lx.Dense(2, 3))
    with pytest.raises(ValueError, match=r"BidirectionalRNN\.unroll must be a positive integer"):
        lx.BidirectionalRNN(lx.GRUCell(2, 3), unroll=0)
    with pytest.raises(
        TypeError,
        match=r"BidirectionalRNN\.merge must be a function of two arrays or None, got 'sum'",
    ):
        lx.BidirectionalRNN(lx.GRUCell(2, 3), merge="sum")


@pytest.mark.parametrize(
    "carry", [jnp.ones(3), {"forward_cell": jnp.ones(3)}], ids=["array", "one"]
)
def test_carries(carry):
    layer = lx.BidirectionalRNN(lx.GRUCell(2, 3))
    message = re.escape("expected a carry with forward_cell, backward_cell; got ")
    with pytest.raises(ValueError, match=message):
        layer({"x": X, "carry": carry}, *layer.init(0))
