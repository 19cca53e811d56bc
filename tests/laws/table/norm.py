"""Normalisation."""

import jax.numpy as jnp

import luxnb as lx
from tests.laws.specimen import Specimen, running, scaled

SPECIMENS = [
    Specimen("batch norm", lx.BatchNorm(3), (4, 3), scaled(3), running(3)),
    Specimen("batch norm image", lx.BatchNorm(2), (2, 3, 3, 2), scaled(2), running(2)),
    Specimen("batch norm plain", lx.BatchNorm(3, affine=False), (4, 3), {}, running(3)),
    Specimen(
        "batch norm activation",
        lx.BatchNorm(3, jnp.tanh, momentum=0.3, eps=1e-3),
        (4, 3),
        scaled(3),
        running(3),
    ),
    Specimen("batch norm untracked", lx.BatchNorm(3, track_running=False), (4, 3), scaled(3)),
    Specimen("layer norm", lx.LayerNorm(3), (2, 3), scaled(3)),
    Specimen(
        "layer norm axes",
        lx.LayerNorm((2, 3), jnp.tanh, eps=1e-3),
        (2, 2, 3),
        {"scale": (2, 3), "bias": (2, 3)},
    ),
    Specimen("layer norm plain", lx.LayerNorm(3, affine=False), (2, 3)),
    Specimen("rms norm", lx.RMSNorm(3), (2, 3), {"scale": (3,)}),
    Specimen("rms norm axes", lx.RMSNorm((2, 3), jnp.tanh), (1, 2, 3), {"scale": (2, 3)}),
    Specimen("rms norm plain", lx.RMSNorm(3, affine=False), (2, 3)),
    Specimen("group norm", lx.GroupNorm(4, 2, jnp.tanh), (2, 3, 4), scaled(4)),
    Specimen("group norm plain", lx.GroupNorm(6, 2, affine=False), (2, 6)),
    Specimen("instance norm", lx.InstanceNorm(2), (2, 3, 2)),
    Specimen(
        "instance norm tracked",
        lx.InstanceNorm(2, jnp.tanh, affine=True, track_running=True),
        (2, 2, 3, 2),
        scaled(2),
        running(2),
    ),
]
