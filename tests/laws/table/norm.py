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
]
