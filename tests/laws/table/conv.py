"""Convolution and its transpose."""

import jax

import luxnb as lx
from tests.laws.specimen import Specimen, kernel


def transposed(*shape, out):
    return {"weight": shape, "bias": (out,)}


SPECIMENS = [
    Specimen("conv 1-d", lx.Conv((3,), 2, 4), (2, 7, 2), kernel(3, 2, 4)),
    Specimen("conv 2-d", lx.Conv((3, 2), 2, 3), (2, 5, 4, 2), kernel(3, 2, 2, 3)),
    Specimen("conv 3-d", lx.Conv((2, 2, 2), 1, 2), (1, 3, 3, 3, 1), kernel(2, 2, 2, 1, 2)),
    Specimen(
        "conv activation, no bias",
        lx.Conv((3,), 2, 4, jax.nn.softplus, use_bias=False),
        (2, 7, 2),
        {"weight": (3, 2, 4)},
    ),
    Specimen("conv stride", lx.Conv((3, 3), 1, 2, stride=2), (1, 7, 7, 1), kernel(3, 3, 1, 2)),
    Specimen(
        "conv stride by axis",
        lx.Conv((3, 3), 1, 2, stride=(1, 2)),
        (1, 6, 7, 1),
        kernel(3, 3, 1, 2),
    ),
    Specimen("conv padding", lx.Conv((3,), 2, 4, padding=2), (2, 5, 2), kernel(3, 2, 4)),
    Specimen(
        "conv padding pairs",
        lx.Conv((3, 3), 1, 2, padding=((2, 0), 1)),
        (1, 4, 4, 1),
        kernel(3, 3, 1, 2),
    ),
    Specimen(
        "conv same",
        lx.Conv((4, 3), 1, 2, padding="SAME", stride=2),
        (1, 5, 5, 1),
        kernel(4, 3, 1, 2),
    ),
    Specimen("conv valid", lx.Conv((3,), 1, 2, padding="VALID"), (1, 5, 1), kernel(3, 1, 2)),
    Specimen("conv dilation", lx.Conv((3,), 1, 2, dilation=2), (1, 7, 1), kernel(3, 1, 2)),
    Specimen("conv groups", lx.Conv((3,), 4, 6, groups=2), (2, 5, 4), kernel(3, 2, 6)),
    Specimen("conv depthwise", lx.Conv((3,), 3, 6, groups=3), (2, 5, 3), kernel(3, 1, 6)),
    Specimen("conv transpose", lx.ConvTranspose((3,), 2, 4), (2, 4, 2), transposed(3, 2, 4, out=4)),
    Specimen(
        "conv transpose output padding",
        lx.ConvTranspose((3, 2), 2, 3, jax.nn.softplus, stride=2, padding=1, output_padding=(1, 0)),
        (2, 3, 3, 2),
        transposed(3, 2, 2, 3, out=3),
    ),
    Specimen(
        "conv transpose same, groups",
        lx.ConvTranspose((2, 3, 1), 2, 4, padding="SAME", stride=(2, 1, 2), groups=2),
        (1, 2, 2, 2, 2),
        transposed(2, 3, 1, 2, 2, out=4),
    ),
    Specimen(
        "conv transpose dilation, no bias",
        lx.ConvTranspose((2,), 2, 3, padding=((2, 1),), dilation=3, use_bias=False),
        (2, 4, 2),
        {"weight": (2, 2, 3)},
    ),
]
