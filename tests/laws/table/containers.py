"""Layers made of layers."""

import operator

import jax
import jax.numpy as jnp

import luxnb as lx
from tests.laws.specimen import DROP, TRAIN, Specimen, affine, kernel, running, scaled
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
    Specimen(
        "parallel",
        lx.Parallel(operator.mul, left=lx.Dense(3, 4), right=lx.Chain(lx.Dense(2, 4))),
        ((2, 3), (2, 2)),
        {"left": affine(3, 4), "right": {"layer_1": affine(2, 4)}},
        {"left": {}, "right": {"layer_1": {}}},
    ),
    Specimen(
        "parallel tuple",
        lx.Parallel(None, lx.Dense(3, 4), lx.Dropout(0.5), jnp.sin),
        (2, 3),
        {"layer_1": affine(3, 4), "layer_2": {}, "layer_3": {}},
        {"layer_1": {}, "layer_2": DROP, "layer_3": {}},
    ),
    Specimen(
        "parallel layer",
        lx.Parallel(lx.Chain(Join(), lx.Dense(5, 4)), lx.Dense(3, 2), lx.Identity()),
        (2, 3),
        {
            "layer_1": affine(3, 2),
            "layer_2": {},
            "connection": {"layer_1": {}, "layer_2": affine(5, 4)},
        },
        {"layer_1": {}, "layer_2": {}, "connection": {"layer_1": {}, "layer_2": {}}},
    ),
    Specimen(
        "branch",
        lx.Branch(mean=lx.Dense(3, 2), noise=lx.Dropout(0.5)),
        (4, 3),
        {"mean": affine(3, 2), "noise": {}},
        {"mean": {}, "noise": DROP},
    ),
    Specimen(
        "branch layer",
        lx.Branch(lx.Dense(3, 2), jnp.sin, fusion=lx.Chain(Join(), lx.Dense(5, 2))),
        (4, 3),
        {
            "layer_1": affine(3, 2),
            "layer_2": {},
            "fusion": {"layer_1": {}, "layer_2": affine(5, 2)},
        },
        {"layer_1": {}, "layer_2": {}, "fusion": {"layer_1": {}, "layer_2": {}}},
    ),
    Specimen(
        "pairwise fusion",
        lx.PairwiseFusion(operator.add, lx.Dense(2, 3), lx.Dropout(0.5)),
        ((4, 2), (4, 3), (4, 3)),
        {"layer_1": affine(2, 3), "layer_2": {}},
        {"layer_1": {}, "layer_2": DROP},
    ),
    Specimen(
        "maxout",
        lx.Maxout([lx.Dense(3, 2)] * 2, other=lx.Dense(3, 2, jnp.tanh)),
        (4, 3),
        {"layer_1": affine(3, 2), "layer_2": affine(3, 2), "other": affine(3, 2)},
        {"layer_1": {}, "layer_2": {}, "other": {}},
    ),
    Specimen(
        "repeated",
        lx.Repeated(lx.Chain(lx.Dense(3, 3, jnp.tanh), lx.Dropout(0.5)), 2),
        (4, 3),
        {"layer": {"layer_1": affine(3, 3), "layer_2": {}}},
        {"layer": {"layer_1": {}, "layer_2": DROP}},
    ),
    Specimen(
        "repeated injection",
        lx.Repeated(lx.Parallel(jnp.add, lx.Dense(3, 3), lx.Dense(3, 3)), 2, input_injection=True),
        (4, 3),
        {"layer": {"layer_1": affine(3, 3), "layer_2": affine(3, 3)}},
        {"layer": {"layer_1": {}, "layer_2": {}}},
    ),
    Specimen(
        "stacked",
        lx.Stacked(lx.Chain(lx.Dense(3, 3, jnp.tanh), lx.Dropout(0.5), lx.BatchNorm(3)), 2),
        (4, 3),
        {
            "layer": {
                "layer_1": {"weight": (2, 3, 3), "bias": (2, 3)},
                "layer_2": {},
                "layer_3": {"scale": (2, 3), "bias": (2, 3)},
            }
        },
        {
            "layer": {
                "layer_1": {},
                "layer_2": {"key": "key", "mode": TRAIN},
                "layer_3": {"running_mean": (2, 3), "running_var": (2, 3), "mode": TRAIN},
            }
        },
    ),
    Specimen(
        "stacked remat",
        lx.Stacked(lx.Dense(3, 3, jnp.tanh), 3, remat=True, unroll=2),
        (4, 3),
        {"layer": {"weight": (3, 3, 3), "bias": (3, 3)}},
        {"layer": {}},
    ),
    Specimen(
        "with dtype",
        lx.WithDtype(lx.Chain(lx.Dense(3, 4, jnp.tanh), lx.BatchNorm(4)), "float32"),
        (4, 3),
        {"layer": {"layer_1": affine(3, 4), "layer_2": scaled(4)}},
        {"layer": {"layer_1": {}, "layer_2": running(4)}},
        precision=1e-3,
    ),
    Specimen(
        "remat",
        lx.Remat(lx.Chain(lx.Dense(3, 4, jnp.tanh), lx.Dropout(0.5), lx.BatchNorm(4))),
        (4, 3),
        {"layer": {"layer_1": affine(3, 4), "layer_2": {}, "layer_3": scaled(4)}},
        {"layer": {"layer_1": {}, "layer_2": DROP, "layer_3": running(4)}},
    ),
    Specimen(
        "remat policy",
        lx.Remat(lx.mlp(3, (4, 2)), jax.checkpoint_policies.dots_saveable),
        (4, 3),
        {"layer": {"block_1": affine(3, 4), "block_2": affine(4, 2)}},
        {"layer": {"block_1": {}, "block_2": {}}},
    ),
    Specimen(
        "frozen",
        lx.Frozen(lx.Chain(lx.Dense(3, 4, jnp.tanh), lx.Dropout(0.5), lx.Dense(4, 2))),
        (4, 3),
        {"layer": {"layer_1": {}, "layer_2": {}, "layer_3": {}}},
        {
            "frozen": {"layer_1": affine(3, 4), "layer_3": affine(4, 2)},
            "layer": {"layer_1": {}, "layer_2": DROP, "layer_3": {}},
        },
    ),
    Specimen(
        "frozen names",
        lx.Frozen(lx.Chain(lx.Dense(3, 4), lx.Dense(4, 2)), ("layer_1.weight", "layer_2")),
        (4, 3),
        {"layer": {"layer_1": {"bias": (4,)}, "layer_2": {}}},
        {
            "frozen": {"layer_1": {"weight": (3, 4)}, "layer_2": affine(4, 2)},
            "layer": {"layer_1": {}, "layer_2": {}},
        },
        draws=True,
    ),
]
