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
    Specimen(
        "scale",
        lx.Scale((2, 3), jnp.tanh, init_weight=lx.init.normal()),
        (4, 2, 3),
        {"weight": (2, 3), "bias": (2, 3)},
    ),
    Specimen("scale no bias", lx.Scale(3, use_bias=False), (4, 3), {"weight": (3,)}, draws=False),
    Specimen(
        "bilinear",
        lx.Bilinear(3, 4, 2, jnp.tanh),
        ((5, 3), (5, 4)),
        {"weight": (2, 3, 4), "bias": (2,)},
    ),
    Specimen(
        "bilinear square",
        lx.Bilinear(3, 3, 2, use_bias=False, init_weight=lx.init.normal(0.1)),
        (2, 5, 3),
        {"weight": (2, 3, 3)},
    ),
    Specimen("reshape", lx.Reshape((2, -1)), (3, 4, 5)),
    Specimen("select", lx.Select(1, -1), (2, 3, 4)),
    Specimen("select slice", lx.Select(-1, slice(1, None, 2)), (2, 5)),
    Specimen("select range", lx.Select(1, range(2, -2, -1)), (2, 3, 4)),
    Specimen("reverse sequence", lx.ReverseSequence(), (2, 3, 4)),
    Specimen("flatten", lx.Flatten(), (2, 3, 4)),
    Specimen("flatten two axes", lx.Flatten(2), (2, 3, 4, 2)),
    Specimen("identity", lx.Identity(), (2, 3)),
    Specimen("function", lx.Function(jnp.sin), (2, 3)),
]
