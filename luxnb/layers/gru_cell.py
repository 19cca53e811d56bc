"""GRUCell: the gated recurrent unit."""

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
from luxnb.ops.recurrent import gru
from luxnb.ops.shape import along_last

GATES = ("reset", "update", "new")
CARRY = ("hidden",)


class GRUCell(Layer):
    """One step of the gated recurrent unit: y = h' with

        r = σ(x · W_ir + b_ir + h · W_hr + b_hr)
        z = σ(x · W_iz + b_iz + h · W_hz + b_hz)
        n = tanh(x · W_in + b_in + r (h · W_hn + b_hn))
        h' = (1 - z) n + z h

    Maps `(x, carry)` to `(y, carry)`: x is (*batch, in_dims), y is (*batch, hidden_dims), the carry
    is `Tree(hidden=h)` with h (*batch, hidden_dims). It begins with zeros, or with parameters if
    `train_carry`. A `Recurrence` runs the cell over time.

    Parameters: `weight_ih` (in_dims, 3 · hidden_dims), `weight_hh` (hidden_dims, 3 · hidden_dims);
    `bias_ih`, `bias_hh` (3 · hidden_dims,) if `use_bias`; all from U(±1/√hidden_dims) by default,
    as PyTorch; `hidden` (hidden_dims,), zeros, if `train_carry`. State: none.

    The gates r, z, n (reset, update, new) lie side by side in that order. An initialiser draws
    each by itself; a tuple of three has one for each.

    K. Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014, with the
    reset after the product, as PyTorch and cuDNN.

    >>> cell = GRUCell(2, 3)
    >>> ps, st = cell.init(0)
    >>> carry = cell.initial_carry(ps, (4,))
    >>> (y, carry), st = cell((jnp.ones((4, 2)), carry), ps, st)
    >>> y.shape, carry
    ((4, 3), Tree(hidden=f32[4,3]))
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
        given, recurrent = x @ ps.weight_ih, carry["hidden"] @ ps.weight_hh
        if self.use_bias:
            given = given + along_last(ps.bias_ih, given)
            recurrent = recurrent + along_last(ps.bias_hh, recurrent)
        hidden = gru(given, recurrent, carry["hidden"])
        return (hidden, Tree(hidden=hidden)), st
