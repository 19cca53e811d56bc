"""Activations: the layer that is one, and values as a field of a layer."""

import luxnb as lx
from tests.laws.specimen import DROP, Specimen, affine

SPECIMENS = [
    Specimen("rrelu", lx.RReLU(), (4, 5), {}, DROP),
    Specimen("rrelu range", lx.RReLU(-0.5, high=0.75), (3,), {}, DROP),
    Specimen(
        "dense activation value",
        lx.Dense(3, 4, lx.activations.celu(0.5), init_weight=lx.init.orthogonal(0.5)),
        (2, 3),
        affine(3, 4),
    ),
]
