"""WeightNorm, SpectralNorm."""

import luxnb as lx
from tests.laws.specimen import TRAIN, Specimen, affine, kernel, running

SPECIMENS = [
    Specimen(
        "weight norm",
        lx.WeightNorm(lx.Dense(3, 4)),
        (2, 3),
        {"layer": {"weight_g": (4,), "weight_v": (3, 4), "bias": (4,)}},
        {"layer": {}},
    ),
    Specimen(
        "weight norm below",
        lx.WeightNorm(
            lx.Chain(lx.Conv((2,), 2, 3), lx.BatchNorm(3), lx.Flatten()),
            ("layer_1.weight", "layer_1.bias", "layer_2.bias"),
            axis=None,
        ),
        (3, 4, 2),
        {
            "layer": {
                "layer_1": {
                    "weight_g": (),
                    "weight_v": (2, 2, 3),
                    "bias_g": (),
                    "bias_v": (3,),
                },
                "layer_2": {"scale": (3,), "bias_g": (), "bias_v": (3,)},
                "layer_3": {},
            }
        },
        {"layer": {"layer_1": {}, "layer_2": running(3), "layer_3": {}}},
    ),
    Specimen(
        "spectral norm",  # so many that u and v are the singular vectors, as differences see them
        lx.SpectralNorm(lx.Dense(3, 2), iterations=30),
        (2, 3),
        {"layer": affine(3, 2)},
        {"mode": TRAIN, "layer": {}, "u": {"weight": (2,)}, "v": {"weight": (3,)}},
    ),
    Specimen(
        "spectral norm below",
        lx.SpectralNorm(
            lx.Chain(lx.Conv((2,), 2, 3), lx.Dense(3, 2)),
            ("layer_1.weight", "layer_2.weight"),
            iterations=30,
        ),
        (2, 3, 2),
        {"layer": {"layer_1": kernel(2, 2, 3), "layer_2": affine(3, 2)}},
        {
            "mode": TRAIN,
            "layer": {"layer_1": {}, "layer_2": {}},
            "u": {"layer_1": {"weight": (3,)}, "layer_2": {"weight": (2,)}},
            "v": {"layer_1": {"weight": (4,)}, "layer_2": {"weight": (3,)}},
        },
    ),
]
