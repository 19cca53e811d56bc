"""RNNCell: the simple recurrent cell."""

from dataclasses import KW_ONLY

import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.core.types import Activation
from luxnb.layers.cell import (
    GateInitialiser,
    check_fields,
    features_and_carry,
    first_carry,
    gate_params,
)
from luxnb.layers.checks import plain_functions
from luxnb.ops.recurrent import joint
from luxnb.ops.shape import along_last

GATES = ("hidden",)
CARRY = ("hidden",)


class RNNCell(Layer):
    """One step of the simple recurrence: y = h' = activation(x · W_ih + b_ih + h · W_hh + b_hh).

    Maps `(x, carry)` to `(y, carry)`: x is (*batch, in_dims), y is (*batch, hidden_dims), the carry
    is `Tree(hidden=h)` with h (*batch, hidden_dims). It begins with zeros, or with parameters if
    `train_carry`. A `Recurrence` runs the cell over time.

    Parameters: `weight_ih` (in_dims, hidden_dims), `weight_hh` (hidden_dims, hidden_dims);
    `bias_ih`, `bias_hh` (hidden_dims,) if `use_bias`; all from U(±1/√hidden_dims) by default, as
    PyTorch; `hidden` (hidden_dims,), zeros, if `train_carry`. State: none.

    J. Elman, Finding Structure in Time, Cognitive Science 1990.

    >>> cell = RNNCell(2, 3, jax.nn.relu)
    >>> ps, st = cell.init(0)
    >>> carry = cell.initial_carry(ps, (4,))
    >>> (y, carry), st = cell((jnp.ones((4, 2)), carry), ps, st)
    >>> y.shape, carry
    ((4, 3), Tree(hidden=f32[4,3]))
    """

    in_dims: int
    hidden_dims: int
    activation: Activation = jnp.tanh
    _: KW_ONLY
    use_bias: bool = True
    train_carry: bool = False
    init_weight: GateInitialiser = None
    init_recurrent_weight: GateInitialiser = None
    init_bias: GateInitialiser = None
    init_recurrent_bias: GateInitialiser = None

    def check(self):
        check_fields(self, GATES)
        plain_functions(self, "activation")

    def init_params(self, key):
        return gate_params(self, key, GATES, CARRY)

    def initial_carry(self, ps, batch: tuple[int, ...]) -> Tree:
        """The carry before the first step."""
        return first_carry(self, ps, batch, CARRY)

    def forward(self, x, ps, st):
        x, carry = features_and_carry(self, x, CARRY)
        y = joint(x, carry["hidden"], ps.weight_ih, ps.weight_hh)
        if self.use_bias:
            y = y + along_last(ps.bias_ih + ps.bias_hh, y)
        hidden = self.activation(y)
        return (hidden, Tree(hidden=hidden)), st
