"""Layers made of layers."""

import operator

import jax.numpy as jnp

import luxnb as lx
from tests.laws.specimen import DROP, Specimen, affine, kernel, running, scaled
from tests.laws.table.own import Join

SPECIMENS = [
    Specimen(
        "skip",
        lx.SkipConnection(lx.Dense(3, 3, jnp.tanh)),
        (2, 3),
        {"layer": affine(3, 3)},
        {"layer": {}},
    ),
    Specimen(
        "skip product",
        lx.SkipConnection(lx.Dropout(0.5), operator.mul),
        (2, 3),
        {"layer": {}},
        {"layer": DROP},
    ),
    Specimen(
        "skip layer",
        lx.SkipConnection(lx.Dense(3, 2), lx.Chain(Join(), lx.Dense(5, 4))),
        (2, 3),
        {"layer": affine(3, 2), "connection": {"layer_1": {}, "layer_2": affine(5, 4)}},
        {"layer": {}, "connection": {"layer_1": {}, "layer_2": {}}},
    ),
    Specimen(
        "chain",
        lx.Chain(lx.Dense(3, 4, jnp.tanh), lx.Dropout(0.5), lx.Dense(4, 2)),
        (4, 3),
        {"layer_1": affine(3, 4), "layer_2": {}, "layer_3": affine(4, 2)},
        {"layer_1": {}, "layer_2": DROP, "layer_3": {}},
    ),
    Specimen(
        "chain named",
        lx.Chain(encoder=lx.Dense(3, 2), norm=lx.BatchNorm(2), decoder=lx.Dense(2, 3)),
        (4, 3),
        {"encoder": affine(3, 2), "norm": scaled(2), "decoder": affine(2, 3)},
        {"encoder": {}, "norm": running(2), "decoder": {}},
    ),
    Specimen(
        "chain nested",
        lx.Chain(lx.Chain(lx.Dense(3, 3), jnp.sin), lx.SkipConnection(lx.Chain(lx.Dropout(0.1)))),
        (4, 3),
        {
            "layer_1": {"layer_1": affine(3, 3), "layer_2": {}},
            "layer_2": {"layer": {"layer_1": {}}},
        },
        {"layer_1": {"layer_1": {}, "layer_2": {}}, "layer_2": {"layer": {"layer_1": DROP}}},
    ),
    Specimen(
        "chain of images",
        lx.Chain(lx.Conv((3, 3), 1, 2, jnp.tanh), lx.MaxPool((2, 2)), lx.Flatten(), lx.Dense(8, 3)),
        (2, 6, 6, 1),
        {"layer_1": kernel(3, 3, 1, 2), "layer_2": {}, "layer_3": {}, "layer_4": affine(8, 3)},
        {"layer_1": {}, "layer_2": {}, "layer_3": {}, "layer_4": {}},
    ),
]
