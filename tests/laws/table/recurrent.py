"""Cells, and cells over time."""

import jax
import jax.numpy as jnp

import luxnb as lx
from tests.laws.specimen import DROP, Bools, Ints, Specimen, affine


def cell(gates, n_in, n, **carry):
    weights = {"weight_ih": (n_in, gates * n), "weight_hh": (n, gates * n)}
    return weights | {"bias_ih": (gates * n,), "bias_hh": (gates * n,)} | carry


INIT = lx.init
OPEN = (INIT.zeros(), INIT.ones(), INIT.zeros(), INIT.zeros())

SPECIMENS = [
    Specimen(
        "rnn cell learned carry",
        lx.RNNCell(3, 2, jax.nn.softplus, train_carry=True),
        ((4, 3), {"hidden": (4, 2)}),
        cell(1, 3, 2, hidden=(2,)),
    ),
    Specimen(
        "lstm cell",
        lx.LSTMCell(3, 2, init_bias=OPEN, init_recurrent_bias=INIT.zeros()),
        ((4, 3), {"hidden": (4, 2), "memory": (4, 2)}),
        cell(4, 3, 2),
    ),
    Specimen(
        "gru cell no batch, no bias",
        lx.GRUCell(3, 2, use_bias=False, init_recurrent_weight=INIT.normal(0.5)),
        ((3,), {"hidden": (2,)}),
        {"weight_ih": (3, 6), "weight_hh": (2, 6)},
    ),
    Specimen(
        "cell chain",
        lx.CellChain(lx.RNNCell(3, 2), jnp.sin, out=lx.GRUCell(2, 2)),
        ((4, 3), {"layer_1": {"hidden": (4, 2)}, "out": {"hidden": (4, 2)}}),
        {"layer_1": cell(1, 3, 2), "layer_2": {}, "out": cell(3, 2, 2)},
        {"layer_1": {}, "layer_2": {}, "out": {}},
    ),
    Specimen(
        "recurrence ragged",
        lx.Recurrence(lx.LSTMCell(3, 2, train_carry=True), return_carry=True),
        {"x": (2, 4, 3), "lengths": Ints((2,), 5)},
        {"cell": cell(4, 3, 2, hidden=(2,), memory=(2,))},
        {"cell": {}},
    ),
    Specimen(
        "recurrence last of a chain",
        lx.Recurrence(
            lx.CellChain(lx.GRUCell(3, 2), lx.Dropout(0.3), lx.RNNCell(2, 2)),
            return_sequence=False,
            reverse=True,
            unroll=2,
            remat=True,
        ),
        (2, 5, 3),
        {"cell": {"layer_1": cell(3, 3, 2), "layer_2": {}, "layer_3": cell(1, 2, 2)}},
        {"cell": {"layer_1": {}, "layer_2": DROP, "layer_3": {}}},
    ),
    Specimen(
        "bidirectional masked",
        lx.BidirectionalRNN(lx.GRUCell(3, 2), return_carry=True),
        {"x": (2, 4, 3), "mask": Bools((2, 4))},
        {"forward_cell": cell(3, 3, 2), "backward_cell": cell(3, 3, 2)},
        {"forward_cell": {}, "backward_cell": {}},
    ),
    Specimen(
        "bidirectional sum of two cells",
        lx.BidirectionalRNN(lx.GRUCell(3, 2), lx.RNNCell(3, 2), merge=jnp.add),
        (2, 4, 3),
        {"forward_cell": cell(3, 3, 2), "backward_cell": cell(1, 3, 2)},
        {"forward_cell": {}, "backward_cell": {}},
    ),
    Specimen(
        "stateful cell",
        lx.StatefulCell(lx.CellChain(lx.LSTMCell(3, 2), lx.Dense(2, 2)), batch_size=4),
        (4, 3),
        {"cell": {"layer_1": cell(4, 3, 2), "layer_2": affine(2, 2)}},
        {
            "carry": {"layer_1": {"hidden": (4, 2), "memory": (4, 2)}},
            "fresh": (),
            "cell": {"layer_1": {}, "layer_2": {}},
        },
        remembers=True,
    ),
]
