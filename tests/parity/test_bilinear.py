"""Bilinear and Scale against PyTorch."""

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch


@pytest.mark.parametrize("batch", [(), (1,), (4,), (2, 3)], ids=str)
def test_bilinear(batch):
    layer = lx.Bilinear(3, 5, 4, jax.nn.silu)

    def theirs(first, second, weight, bias):
        return torch.nn.functional.silu(torch.nn.functional.bilinear(first, second, weight, bias))

    assert_agree(
        lambda first, second, weight, bias: layer(
            (first, second), {"weight": weight, "bias": bias}, {}
        )[0],
        theirs,
        random(*batch, 3),
        random(*batch, 5),
        random(4, 3, 5),
        random(4),
    )


def test_bilinear_of_one_array():
    layer = lx.Bilinear(3, 3, 2, use_bias=False)
    assert_agree(
        lambda x, weight: layer(x, {"weight": weight}, {})[0],
        lambda x, weight: torch.nn.functional.bilinear(x, x, weight),
        random(4, 3),
        random(2, 3, 3),
    )


@pytest.mark.parametrize("shape", [(3,), (2, 3)], ids=str)
def test_scale(shape):
    layer = lx.Scale(shape, jnp.tanh)

    def theirs(x, weight, bias):
        return torch.tanh(torch.addcmul(bias, weight, x))

    assert_agree(
        lambda x, weight, bias: layer(x, {"weight": weight, "bias": bias}, {})[0],
        theirs,
        random(4, 2, 3),
        random(*shape),
        random(*shape),
    )
