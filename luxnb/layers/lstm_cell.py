"""LSTMCell: the cell with a memory and three gates."""

from dataclasses import KW_ONLY

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.layers.cell import (
    GateInitialiser,
    check_fields,
    features_and_carry,
    first_carry,
    gate_params,
)
from luxnb.ops.recurrent import joint, lstm
from luxnb.ops.shape import along_last

GATES = ("input", "forget", "cell", "output")
CARRY = ("hidden", "memory")


class LSTMCell(Layer):
    """One step of long short-term memory: y = h' with

        i, f, g, o = x · W_ih + b_ih + h · W_hh + b_hh
        c' = σ(f) c + σ(i) tanh(g)
        h' = σ(o) tanh(c')

    Maps `(x, carry)` to `(y, carry)`: x is (*batch, in_dims), y is (*batch, hidden_dims), the carry
    is `Tree(hidden=h, memory=c)`, each (*batch, hidden_dims). It begins with zeros, or with
    parameters if `train_carry`. A `Recurrence` runs the cell over time.

    Parameters: `weight_ih` (in_dims, 4 · hidden_dims), `weight_hh` (hidden_dims, 4 · hidden_dims);
    `bias_ih`, `bias_hh` (4 · hidden_dims,) if `use_bias`; all from U(±1/√hidden_dims) by default,
    as PyTorch; `hidden`, `memory` (hidden_dims,), zeros, if `train_carry`. State: none.

    The gates i, f, g, o (input, forget, cell, output) lie side by side in that order. An
    initialiser draws each by itself; a tuple of four has one for each. A forget gate that begins
    open: `init_bias=(zeros, ones, zeros, zeros), init_recurrent_bias=zeros` (each of them called).

    S. Hochreiter, J. Schmidhuber, Long Short-Term Memory, Neural Computation 1997;
    F. Gers et al., Learning to Forget, Neural Computation 2000.

    >>> cell = LSTMCell(2, 3)
    >>> ps, st = cell.init(0)
    >>> carry = cell.initial_carry(ps, (4,))
    >>> (y, carry), st = cell((jnp.ones((4, 2)), carry), ps, st)
    >>> y.shape, carry
    ((4, 3), Tree(hidden=f32[4,3], memory=f32[4,3]))
    """

    in_dims: int
    hidden_dims: int
    _: KW_ONLY
    use_bias: bool = True
    train_carry: bool = False
    init_weight: GateInitialiser = None
    init_recurrent_weight: GateInitialiser = None
    init_bias: GateInitialiser = None
    init_recurrent_bias: GateInitialiser = None

    def check(self):
        check_fields(self, GATES)

    def init_params(self, key):
        return gate_params(self, key, GATES, CARRY)

    def initial_carry(self, ps, batch: tuple[int, ...]) -> Tree:
        """The carry before the first step."""
        return first_carry(self, ps, batch, CARRY)

    def forward(self, x, ps, st):
        x, carry = features_and_carry(self, x, CARRY)
        gates = joint(x, carry["hidden"], ps.weight_ih, ps.weight_hh)
        if self.use_bias:
            gates = gates + along_last(ps.bias_ih + ps.bias_hh, gates)
        hidden, memory = lstm(gates, carry["memory"])
        return (hidden, Tree(hidden=hidden, memory=memory)), st
