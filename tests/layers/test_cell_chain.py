"""CellChain: it is a container as Chain is, and what it refuses. Its values: tests/parity."""

import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.same import assert_same

CHAIN = lx.CellChain(lx.LSTMCell(2, 4), jnp.sin, out=lx.RNNCell(4, 3))


def test_its_carry_has_the_names_of_its_cells():
    ps, _ = CHAIN.init(0)
    carry = CHAIN.initial_carry(ps, (5,))
    assert {name: list(value) for name, value in carry.items()} == {
        "layer_1": ["hidden", "memory"],
        "out": ["hidden"],
    }


def test_a_chain_in_a_chain():
    nested = lx.CellChain(lx.CellChain(lx.LSTMCell(2, 4), jnp.sin), lx.RNNCell(4, 3))
    ps, st = CHAIN.init(0)
    inner = {name: ps[name] for name in ("layer_1", "layer_2")}
    x = jnp.ones((5, 7, 2))
    expected, _ = lx.Recurrence(CHAIN)(x, {"cell": ps}, {"cell": st})
    got, _ = lx.Recurrence(nested)(
        x, {"cell": {"layer_1": inner, "layer_2": ps.out}}, lx.Recurrence(nested).init(0)[1]
    )
    assert_same(got, expected)


def test_parts():
    assert CHAIN[0] == CHAIN.layer_1 == lx.LSTMCell(2, 4)
    assert CHAIN[1:] == lx.CellChain(layer_2=jnp.sin, out=lx.RNNCell(4, 3))
    assert lx.replace(CHAIN, "out.hidden_dims", 5).out == lx.RNNCell(4, 5)


def test_no_cell():
    with pytest.raises(ValueError, match=r"CellChain needs at least one cell, got CellChain\(Den"):
        lx.CellChain(lx.Dense(2, 3))


@pytest.mark.parametrize("carry", [jnp.ones(3), {"layer_1": jnp.ones(3)}, None], ids=repr)
def test_carries(carry):
    with pytest.raises(
        ValueError, match="expected a carry with the names of the cells, layer_1, out; got "
    ):
        CHAIN((jnp.ones((1, 2)), carry), *CHAIN.init(0))


def test_an_input_without_a_carry():
    with pytest.raises(ValueError, match=r"CellChain maps \(x, carry\) to \(y, carry\), got f32"):
        CHAIN(jnp.ones((1, 2)), *CHAIN.init(0))
