"""What a recurrent cell is, and what RNNCell, LSTMCell and GRUCell share.

A cell is a layer that makes one step in time. It maps a pair to a pair, `(x, carry)` to
`(y, carry)`: from the step's input and what it remembers, the output and what it remembers next.
Beside `forward` it has one more method, the carry before the first step:

    carry = cell.initial_carry(ps, batch)              # batch: a tuple of sizes
    (y, carry), st = cell((x, carry), ps, st)

The carry is any pytree of arrays that begin with the batch; our own cells have Trees. Every layer
with these two methods is a cell: `Recurrence`, `BidirectionalRNN`, `CellChain` and `StatefulCell`
take yours as they take ours.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard

import jax.numpy as jnp

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.core.types import Array, Initialiser, Shape
from luxnb.layers.checks import initialisers, last_axis, positive
from luxnb.ops import init

GateInitialiser = Initialiser | tuple[Initialiser, ...] | None


def is_cell(value) -> TypeGuard[Any]:
    """Whether `value` is a layer that makes a step in time."""
    return isinstance(value, Layer) and hasattr(value, "initial_carry")


def check_cells(layer, *names: str) -> None:
    """Each named field is a cell."""
    for name in names:
        value = getattr(layer, name)
        if not is_cell(value):
            raise TypeError(
                f"{type(layer).__name__}.{name} must be a cell, a layer with "
                f"initial_carry(ps, batch), got {value!r}; CellChain makes a cell of several layers"
            )


def step_input(cell, x) -> tuple[Any, Any]:
    """The input x and the carry of one step."""
    if isinstance(x, tuple | list) and len(x) == 2:
        return x[0], x[1]
    raise ValueError(
        f"{type(cell).__name__} maps (x, carry) to (y, carry), got {short(x)}: put it in a "
        "Recurrence, or begin with carry = cell.initial_carry(ps, x.shape[:-1])"
    )


# -- RNNCell, LSTMCell and GRUCell -----------------------------------------------------------------


def check_fields(cell, gates: tuple[str, ...]) -> None:
    """The fields that the three cells have in common."""
    positive(cell, "in_dims", "hidden_dims")
    for name in ("init_weight", "init_recurrent_weight", "init_bias", "init_recurrent_bias"):
        value = getattr(cell, name)
        if not isinstance(value, tuple):
            initialisers(cell, name)
        elif len(value) != len(gates) or not all(map(callable, value)):
            raise ValueError(
                f"{type(cell).__name__}.{name} must be an initialiser, or a tuple of one for each "
                f"gate: {', '.join(gates)}; got {value!r}"
            )


def gate_params(cell, key, gates: tuple[str, ...], carry: tuple[str, ...]) -> dict[str, Array]:
    """Weights and biases with the gates side by side, and the carry if it is learned."""
    made: dict[str, tuple[GateInitialiser, Shape]] = {
        "weight_ih": (cell.init_weight, (cell.in_dims, cell.hidden_dims)),
        "weight_hh": (cell.init_recurrent_weight, (cell.hidden_dims, cell.hidden_dims)),
    }
    if cell.use_bias:
        made["bias_ih"] = cell.init_bias, (cell.hidden_dims,)
        made["bias_hh"] = cell.init_recurrent_bias, (cell.hidden_dims,)
    default = init.uniform(cell.hidden_dims**-0.5)
    params = {
        name: _side_by_side(given or default, key_for(key, name), shape, gates)
        for name, (given, shape) in made.items()
    }
    if cell.train_carry:
        params |= {name: jnp.zeros(cell.hidden_dims, jnp.float32) for name in carry}
    return params


def _side_by_side(given, key, shape, gates) -> Array:
    """Each gate is drawn by itself, so that an initialiser sees the shape of a matrix that acts."""
    each = given if isinstance(given, tuple) else (given,) * len(gates)
    drawn = [one(key_for(key, gate), shape) for one, gate in zip(each, gates, strict=True)]
    return jnp.concatenate(drawn, axis=-1)


def first_carry(cell, ps, batch: tuple[int, ...], names: tuple[str, ...]) -> Tree:
    """Zeros, or what was learned, for each of the batch."""
    shape = (*batch, cell.hidden_dims)
    if cell.train_carry:
        return Tree(**{name: jnp.broadcast_to(ps[name], shape) for name in names})
    return Tree(**{name: jnp.zeros(shape, ps["weight_hh"].dtype) for name in names})


def features_and_carry(cell, x, names: tuple[str, ...]) -> tuple[Any, Mapping[str, Array]]:
    """x (*batch, in_dims) and a carry with these names, each (*batch, hidden_dims)."""
    x, carry = step_input(cell, x)
    last_axis(x, cell.in_dims, "in_dims")
    shape = (*x.shape[:-1], cell.hidden_dims)
    fits = isinstance(carry, Mapping) and carry.keys() == set(names)
    if not fits or any(getattr(carry[name], "shape", None) != shape for name in names):
        expected = ", ".join(f"{name}: {shape}" for name in names)
        raise ValueError(f"expected a carry {{{expected}}} beside x {short(x)}; got {short(carry)}")
    return x, carry
