"""Dense against PyTorch's linear layer."""

import jax
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch


@pytest.mark.parametrize("batch", [(), (1,), (4,), (2, 3)], ids=str)
def test_values_and_gradients(batch):
    layer = lx.Dense(5, 3, jax.nn.silu)

    def ours(x, weight, bias):
        return layer(x, {"weight": weight, "bias": bias}, {})[0]

    def theirs(x, weight, bias):
        return torch.nn.functional.silu(torch.nn.functional.linear(x, weight.T, bias))

    assert_agree(ours, theirs, random(*batch, 5), random(5, 3), random(3))


def test_without_bias():
    layer = lx.Dense(5, 3, use_bias=False)
    assert_agree(
        lambda x, weight: layer(x, {"weight": weight}, {})[0],
        lambda x, weight: torch.nn.functional.linear(x, weight.T),
        random(4, 5),
        random(5, 3),
    )
