"""Convolution and pooling."""

import jax

import luxnb as lx
from tests.laws.specimen import Specimen, kernel

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
    Specimen("max pool 1-d", lx.MaxPool((2,)), (2, 7, 3)),
    Specimen("max pool 2-d", lx.MaxPool((2, 3)), (2, 4, 7, 2)),
    Specimen("max pool 3-d", lx.MaxPool((2, 2, 2), stride=1), (1, 3, 3, 3, 1)),
    Specimen("max pool padding", lx.MaxPool((3, 3), stride=2, padding=1), (1, 5, 5, 2)),
    Specimen("max pool same", lx.MaxPool((3,), stride=2, padding="SAME"), (1, 6, 2)),
    Specimen("max pool dilation", lx.MaxPool((2,), stride=1, dilation=2), (1, 6, 2)),
]
