"""Activations against PyTorch's, or against their formula in torch operations."""

import numpy as np
import pytest

import luxnb as lx
from luxnb import activations
from tests.parity.agree import assert_agree, random, torch

functional = torch.nn.functional


def named(value):
    return getattr(value, "__name__", repr(value))


CASES = [
    (activations.gelu_erf, functional.gelu),
    (activations.gelu_tanh, lambda x: functional.gelu(x, approximate="tanh")),
    (activations.gelu_sigmoid, lambda x: x / (1 + torch.exp(-1.702 * x))),
    (activations.lisht, lambda x: x * torch.tanh(x)),
    (activations.logcosh, lambda x: torch.log(torch.cosh(x.double())).to(x.dtype)),
    (activations.tanhshrink, functional.tanhshrink),
    (activations.leaky_relu(), functional.leaky_relu),
    (activations.leaky_relu(0.3), lambda x: functional.leaky_relu(x, 0.3)),
    (activations.elu(), functional.elu),
    (activations.elu(0.4), lambda x: functional.elu(x, 0.4)),
    (activations.celu(), functional.celu),
    # In PyTorch the gradient of celu rounds alpha to float32.
    (activations.celu(0.5), lambda x: functional.celu(x, 0.5)),
    (activations.softshrink(), functional.softshrink),
    (activations.softshrink(0.7), lambda x: functional.softshrink(x, 0.7)),
    (activations.hardshrink(), functional.hardshrink),
    (activations.hardshrink(0.7), lambda x: functional.hardshrink(x, 0.7)),
    (activations.threshold_relu(), lambda x: functional.threshold(x, 1.0, 0.0)),
    (activations.threshold_relu(-0.3), lambda x: functional.threshold(x, -0.3, 0.0)),
]


@pytest.mark.parametrize(("ours", "theirs"), CASES, ids=[named(ours) for ours, _ in CASES])
def test_values_and_gradients(ours, theirs):
    assert_agree(ours, theirs, 2 * random(5, 40))


@pytest.mark.parametrize(
    ("ours", "theirs", "tie"),
    [
        (activations.elu(0.4), lambda x: functional.elu(x, 0.4), 0.0),
        (activations.celu(0.5), lambda x: functional.celu(x, 0.5), 0.0),
        (activations.softshrink(), functional.softshrink, 0.5),
        (activations.hardshrink(), functional.hardshrink, 0.5),
        (activations.threshold_relu(), lambda x: functional.threshold(x, 1.0, 0.0), 1.0),
    ],
    ids=named,
)
def test_at_the_kink(ours, theirs, tie):
    assert_agree(ours, theirs, np.array([tie, -tie]))


def test_rrelu_when_testing():
    layer = lx.RReLU(0.1, 0.4)
    ps, st = layer.init(0)
    assert_agree(
        lambda x: layer(x, ps, lx.testmode(st))[0],
        lambda x: functional.rrelu(x, 0.1, 0.4, training=False),
        random(4, 6),
    )


def test_rrelu_when_training():
    """With the slopes that it shows for -1."""
    layer = lx.RReLU()
    ps, st = layer.init(0)
    slopes = torch.tensor(-np.asarray(layer(np.full((4, 6), -1.0, np.float32), ps, st)[0]))
    assert slopes.unique().numel() > 12
    assert_agree(
        lambda x: layer(x, ps, st)[0],
        lambda x: torch.where(x >= 0, x, slopes.to(x.dtype) * x),
        random(4, 6),
    )
