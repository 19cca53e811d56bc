"""Recurrent cells and layers against PyTorch's, with the same weights."""

import jax
import numpy as np
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch

N, H = 3, 4  # features, hidden

KINDS = {  # our cell, their layer, gates, names of the carry
    "tanh": (lx.RNNCell, torch.nn.RNN, 1, ("hidden",)),
    "relu": (
        lambda n, h, **options: lx.RNNCell(n, h, jax.nn.relu, **options),
        lambda n, h, **options: torch.nn.RNN(n, h, nonlinearity="relu", **options),
        1,
        ("hidden",),
    ),
    "lstm": (lx.LSTMCell, torch.nn.LSTM, 4, ("hidden", "memory")),
    "gru": (lx.GRUCell, torch.nn.GRU, 3, ("hidden",)),
}
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
LENGTHS = np.array([3, 6, 1, 4])

over_time = pytest.mark.parametrize("kind", ["tanh", "lstm", "gru"])


def weights(kind, n_in=N, use_bias=True, seed=0):
    gates = KINDS[kind][2]
    shapes = [(n_in, gates * H), (H, gates * H), (gates * H,), (gates * H,)]
    return [random(*s, seed=seed + i) / 2 for i, s in enumerate(shapes)][: 4 if use_bias else 2]


def carries(kind, batch, seed=7):
    return [random(batch, H, seed=seed + i) for i, _ in enumerate(KINDS[kind][3])]


def params(arrays):
    return dict(zip(WEIGHTS, arrays, strict=False))


def transposed(tensors):
    """The same in PyTorch's layout, (gates · out, in)."""
    return {name: t.T if t.ndim == 2 else t for name, t in params(tensors).items()}


def theirs(kind, x, weights, carry=None, lengths=None, **options):
    """PyTorch's outputs and final carries (layers · directions, batch, H), of tensors.

    `weights` has a list for each layer and direction; `carry` for each name of the carry.
    """
    layer = KINDS[kind][1](N, H, batch_first=True, bias=len(weights[0]) == 4, **options)
    ends = ["_l0", "_l0_reverse"] if layer.bidirectional else ["_l0", "_l1"]
    for end, arrays in zip(ends, weights, strict=False):
        for name, array in transposed(arrays).items():
            delattr(layer, name + end)  # else only a Parameter may take its place
            setattr(layer, name + end, array)
    layer = layer.to(x.dtype)
    if lengths is not None:
        pack = torch.nn.utils.rnn.pack_padded_sequence
        packed = pack(x, torch.as_tensor(lengths), batch_first=True, enforce_sorted=False)
    carry = carry and (tuple(carry) if kind == "lstm" else carry[0])
    y, final = layer(x if lengths is None else packed, carry)
    if lengths is not None:
        unpack = torch.nn.utils.rnn.pad_packed_sequence
        y, _ = unpack(y, batch_first=True, total_length=x.shape[1])
    return y, final if kind == "lstm" else (final,)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("use_bias", [True, False])
def test_cells(kind, use_bias):
    make, _, _, names = KINDS[kind]
    cell = make(N, H, use_bias=use_bias)
    n = len(names)
    modules = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}

    def ours(x, *arrays):
        carry = dict(zip(names, arrays[:n], strict=True))
        (y, after), _ = cell((x, carry), params(arrays[n:]), {})
        return [y, *(after[name] for name in names)]

    def reference(x, *arrays):
        if kind in modules:
            module = modules[kind](N, H, bias=use_bias).to(x.dtype)
        else:
            module = torch.nn.RNNCell(N, H, bias=use_bias, nonlinearity=kind).to(x.dtype)
        carry = arrays[:n] if kind == "lstm" else arrays[0]
        after = torch.func.functional_call(module, transposed(arrays[n:]), (x, carry))
        return (after[0], *after) if kind == "lstm" else (after, after)

    assert_agree(
        ours, reference, random(5, N), *carries(kind, 5), *weights(kind, use_bias=use_bias)
    )


@over_time
@pytest.mark.parametrize(
    ("batch", "time", "begin"), [(2, 5, "zeros"), (1, 5, "given"), (3, 1, "given")]
)
def test_over_time(kind, batch, time, begin):
    make, _, _, names = KINDS[kind]
    layer = lx.Recurrence(make(N, H), return_carry=True)
    n = len(names) if begin == "given" else 0

    def ours(x, *arrays):
        given = {"x": x, "carry": dict(zip(names, arrays[:n], strict=True))} if n else x
        (y, carry), _ = layer(given, {"cell": params(arrays[n:])}, {"cell": {}})
        return [y, *(carry[name] for name in names)]

    def reference(x, *arrays):
        carry = [a[None] for a in arrays[:n]] or None
        y, final = theirs(kind, x, [arrays[n:]], carry)
        return [y, *(f[0] for f in final)]

    assert_agree(ours, reference, random(batch, time, N), *carries(kind, batch)[:n], *weights(kind))


@over_time
@pytest.mark.parametrize(("where", "sequence"), [("lengths", True), ("mask", False)])
def test_ragged(kind, where, sequence):
    """Against packed sequences, also the gradients, which the padding does not get."""
    make, _, _, names = KINDS[kind]
    layer = lx.Recurrence(make(N, H), return_carry=True, return_sequence=sequence)
    n = len(names)
    given = LENGTHS if where == "lengths" else np.arange(6) < LENGTHS[:, None]

    def ours(x, *arrays):
        carry = dict(zip(names, arrays[:n], strict=True))
        inputs = {"x": x, "carry": carry, where: given}
        (y, after), _ = layer(inputs, {"cell": params(arrays[n:])}, {"cell": {}})
        return [y, *(after[name] for name in names)]

    def reference(x, *arrays):
        y, final = theirs(kind, x, [arrays[n:]], [a[None] for a in arrays[:n]], LENGTHS)
        if not sequence:
            y = y[torch.arange(4), torch.as_tensor(LENGTHS) - 1]
        return [y, *(f[0] for f in final)]

    assert_agree(ours, reference, random(4, 6, N), *carries(kind, 4), *weights(kind))


@over_time
@pytest.mark.parametrize("sequence", [True, False], ids=["sequence", "last"])
def test_reverse(kind, sequence):
    make, _, _, names = KINDS[kind]
    layer = lx.Recurrence(make(N, H), return_carry=True, return_sequence=sequence, reverse=True)

    def ours(x, *arrays):
        (y, carry), _ = layer(x, {"cell": params(arrays)}, {"cell": {}})
        return [y, *(carry[name] for name in names)]

    def reference(x, *arrays):
        y, final = theirs(kind, x.flip(1), [arrays])
        return [y.flip(1) if sequence else y[:, -1], *(f[0] for f in final)]

    assert_agree(ours, reference, random(2, 5, N), *weights(kind))


@over_time
@pytest.mark.parametrize(
    ("lengths", "sequence"),
    [(None, True), (LENGTHS, True), (LENGTHS, False)],
    ids=["full", "ragged", "ragged, last"],
)
def test_bidirectional(kind, lengths, sequence):
    make, _, _, names = KINDS[kind]
    layer = lx.BidirectionalRNN(make(N, H), return_carry=True, return_sequence=sequence)
    n, cells = len(names), ("forward_cell", "backward_cell")

    def ours(x, *arrays):
        begin, arrays = (arrays[:n], arrays[n : 2 * n]), arrays[2 * n :]
        carry = {c: dict(zip(names, b, strict=True)) for c, b in zip(cells, begin, strict=True)}
        given = {"x": x, "carry": carry} | ({} if lengths is None else {"lengths": lengths})
        ps = {"forward_cell": params(arrays[:4]), "backward_cell": params(arrays[4:])}
        (y, after), _ = layer(given, ps, {cell: {} for cell in cells})
        return [y, *(after[cell][name] for name in names for cell in cells)]

    def reference(x, *arrays):
        begin, arrays = (arrays[:n], arrays[n : 2 * n]), arrays[2 * n :]
        carry = [torch.stack(pair) for pair in zip(*begin, strict=True)]
        y, final = theirs(kind, x, [arrays[:4], arrays[4:]], carry, lengths, bidirectional=True)
        if not sequence:
            y = torch.cat([final[0][0], final[0][1]], -1)
        return [y, *(f[direction] for f in final for direction in (0, 1))]

    both = weights(kind) + weights(kind, seed=20)
    begin = carries(kind, 4) + carries(kind, 4, seed=11)
    assert_agree(ours, reference, random(4, 6, N), *begin, *both)


@over_time
def test_two_cells_chained(kind):
    make, _, _, names = KINDS[kind]
    chain = lx.CellChain(make(N, H), make(H, H))
    layer = lx.Recurrence(chain, return_carry=True)

    def ours(x, *arrays):
        ps = {"layer_1": params(arrays[:4]), "layer_2": params(arrays[4:])}
        (y, carry), _ = layer(x, {"cell": ps}, {"cell": {cell: {} for cell in ps}})
        return [y, *(carry[cell][name] for name in names for cell in ps)]

    def reference(x, *arrays):
        y, final = theirs(kind, x, [arrays[:4], arrays[4:]], num_layers=2)
        return [y, *(f[i] for f in final for i in (0, 1))]

    assert_agree(ours, reference, random(2, 5, N), *weights(kind), *weights(kind, n_in=H, seed=20))


@over_time
def test_a_learned_carry(kind):
    """It is one of the parameters and begins every sequence of the batch."""
    make, _, _, names = KINDS[kind]
    layer = lx.Recurrence(make(N, H, train_carry=True))
    n = len(names)

    def ours(x, *arrays):
        ps = params(arrays[n:]) | dict(zip(names, arrays[:n], strict=True))
        return layer(x, {"cell": ps}, {"cell": {}})[0]

    def reference(x, *arrays):
        carry = [a.expand(1, 2, H) for a in arrays[:n]]
        return theirs(kind, x, [arrays[n:]], carry)[0]

    learned = [random(H, seed=i) for i in range(n)]
    assert_agree(ours, reference, random(2, 5, N), *learned, *weights(kind))
