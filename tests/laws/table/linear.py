"""Dense and layers without parameters."""

import jax.numpy as jnp

import luxnb as lx
from tests.laws.specimen import Specimen, affine

SPECIMENS = [
    Specimen("dense", lx.Dense(3, 4), (2, 3), affine(3, 4)),
    Specimen("dense activation", lx.Dense(3, 4, jnp.tanh), (2, 3), affine(3, 4)),
    Specimen("dense no bias", lx.Dense(3, 4, use_bias=False), (2, 3), {"weight": (3, 4)}),
    Specimen("dense no batch", lx.Dense(3, 4), (3,), affine(3, 4)),
    Specimen("dense two batch axes", lx.Dense(3, 4), (2, 5, 3), affine(3, 4)),
    Specimen(
        "dense initialisers",
        lx.Dense(3, 4, init_weight=lx.init.kaiming_normal(1.0), init_bias=lx.init.zeros()),
        (2, 3),
        affine(3, 4),
    ),
    Specimen("flatten", lx.Flatten(), (2, 3, 4)),
    Specimen("identity", lx.Identity(), (2, 3)),
    Specimen("function", lx.Function(jnp.sin), (2, 3)),
]
