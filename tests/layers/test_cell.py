"""RNNCell, LSTMCell and GRUCell: fresh parameters, how they begin, what they refuse."""

import re

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import luxnb as lx
from tests.same import assert_same

CELLS = [lx.RNNCell, lx.LSTMCell, lx.GRUCell]
GATES = {lx.RNNCell: 1, lx.LSTMCell: 4, lx.GRUCell: 3}
ZEROS, ONES = lx.init.zeros(), lx.init.ones()
FITS = np.ones((4, 2), np.float32)

by_cell = pytest.mark.parametrize("cell", CELLS)


@by_cell
def test_the_range_of_fresh_parameters(cell):
    """U(±1/√hidden), weights and biases, as PyTorch; and no two gates are alike."""
    ps, _ = cell(60, 50).init(0)
    drawn = {name: np.asarray(value, float) * 50**0.5 for name, value in ps.items()}
    assert list(drawn) == ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    for values in drawn.values():
        assert np.abs(values).max() <= 1
        assert scipy.stats.kstest(values.ravel(), scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-3
        columns = values.reshape(-1, values.shape[-1]).T
        assert len(np.unique(columns, axis=0)) == GATES[cell] * 50


def test_each_gate_has_its_own_initialiser():
    cell = lx.LSTMCell(3, 2, init_bias=(ZEROS, ONES, ZEROS, ZEROS), init_recurrent_bias=ZEROS)
    ps, _ = cell.init(0)
    np.testing.assert_array_equal(ps.bias_ih, [0, 0, 1, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(ps.bias_hh, np.zeros(8))


@by_cell
def test_an_initialiser_draws_each_gate_by_itself(cell):
    """So each gate's recurrent matrix can be orthogonal."""
    ps, _ = cell(3, 5, init_recurrent_weight=lx.init.orthogonal()).init(0)
    for matrix in np.split(np.asarray(ps.weight_hh), GATES[cell], axis=1):
        np.testing.assert_allclose(matrix.T @ matrix, np.eye(5), atol=1e-5)


@by_cell
def test_parameters_do_not_depend_on_each_other(cell):
    ps, _ = cell(3, 2).init(0)
    other, _ = cell(3, 2, use_bias=False, train_carry=True, init_weight=ONES).init(0)
    assert list(other) == ["weight_ih", "weight_hh", *cell(3, 2).initial_carry(ps, ())]
    assert_same(other.weight_hh, ps.weight_hh)


@by_cell
def test_it_begins_with_zeros_or_what_it_learned(cell):
    ps, _ = cell(3, 2).init(0)
    for value in cell(3, 2).initial_carry(ps, (4, 5)).values():
        np.testing.assert_array_equal(value, np.zeros((4, 5, 2)))
    learner = cell(3, 2, train_carry=True)
    ps, _ = learner.init(0)
    np.testing.assert_array_equal(ps.hidden, np.zeros(2))
    ps = ps.replace(hidden=jnp.array([1.0, 2.0]))
    carry = learner.initial_carry(ps, (4,))
    np.testing.assert_array_equal(carry.hidden, np.tile([1, 2], (4, 1)))


def test_the_activation():
    ones = {"init_weight": ONES, "init_recurrent_weight": ONES}
    cell = lx.RNNCell(1, 1, jnp.exp, use_bias=False, **ones)
    ps, st = cell.init(0)
    (y, carry), _ = cell((jnp.array([2.0]), {"hidden": jnp.array([1.0])}), ps, st)
    np.testing.assert_allclose(y, np.exp([3.0]), rtol=1e-6)
    assert_same(carry.hidden, y)


@by_cell
@pytest.mark.parametrize("name", ["in_dims", "hidden_dims"])
@pytest.mark.parametrize("value", [0, -1, 2.0, True, None])
def test_sizes(cell, name, value):
    message = rf"{cell.__name__}\.{name} must be a positive integer, got {value}"
    with pytest.raises(ValueError, match=message):
        cell(**({"in_dims": 2, "hidden_dims": 3} | {name: value}))


def test_initialisers_and_functions():
    with pytest.raises(
        ValueError,
        match=r"GRUCell\.init_weight must be an initialiser, or a tuple of one for each gate: "
        r"reset, update, new; got \(init\.zeros\(\), init\.zeros\(\)\)",
    ):
        lx.GRUCell(2, 3, init_weight=(ZEROS, ZEROS))
    with pytest.raises(
        ValueError, match=r"LSTMCell\.init_bias .* input, forget, cell, output; got"
    ):
        lx.LSTMCell(2, 3, init_bias=(ZEROS, 1.0, ZEROS, ZEROS))
    with pytest.raises(TypeError, match=r"LSTMCell\.init_recurrent_bias is the class zeros; write"):
        lx.LSTMCell(2, 3, init_recurrent_bias=lx.init.zeros)
    with pytest.raises(TypeError, match=r"RNNCell\.activation must be a function, got None"):
        lx.RNNCell(2, 3, None)


@by_cell
def test_an_input_without_a_carry(cell):
    message = re.escape(
        f"{cell.__name__} maps (x, carry) to (y, carry), got f32[2,3]: put it in a Recurrence, "
        "or begin with carry = cell.initial_carry(ps, x.shape[:-1])"
    )
    layer = cell(3, 2)
    with pytest.raises(ValueError, match=message):
        layer(jnp.ones((2, 3)), *layer.init(0))


@pytest.mark.parametrize(
    ("carry", "got"),
    [
        ({"hidden": FITS}, "{hidden: f32[4,2]}"),
        ({"hidden": FITS, "memory": FITS[0]}, "{hidden: f32[4,2], memory: f32[2]}"),
        ({"hidden": FITS, "cell": FITS}, "{hidden: f32[4,2], cell: f32[4,2]}"),
        ((FITS, FITS), "(f32[4,2], f32[4,2])"),
    ],
)
def test_a_carry_of_another_form(carry, got):
    layer = lx.LSTMCell(3, 2)
    message = re.escape(
        f"expected a carry {{hidden: (4, 2), memory: (4, 2)}} beside x f32[4,3]; got {got}"
    )
    with pytest.raises(ValueError, match=message):
        layer((jnp.ones((4, 3)), carry), *layer.init(0))


@by_cell
def test_inputs_of_another_size(cell):
    layer = cell(3, 2)
    ps, st = layer.init(0)
    with pytest.raises(
        ValueError, match=r"expected x of shape \(…, 3\), in_dims = 3; got f32\[4,2\]"
    ):
        layer((jnp.ones((4, 2)), layer.initial_carry(ps, (4,))), ps, st)
