"""Layers for science: expansions, splines, energies, Lyapunov functions, periodic features."""

import jax.numpy as jnp

import luxnb as lx
from tests.laws.specimen import DROP, Specimen, affine, running, scaled
from tests.laws.table.own import Join

ENERGY = lx.Chain(lx.Dense(4, 5, jnp.tanh), lx.Dense(5, 1))


SPECIMENS = [
    Specimen(
        "basis",
        lx.Chain(lx.basis.Legendre(3), lx.Dense(3, 2)),
        (4,),
        {"layer_1": {}, "layer_2": affine(3, 2)},
        {"layer_1": {}, "layer_2": {}},
    ),
    Specimen(
        "tensor product",
        lx.TensorProduct((lx.basis.Chebyshev(3), lx.basis.Fourier(4), lx.basis.Polynomial(1)), 2),
        (4, 3),
        {"weight": (3, 4, 1, 2)},
    ),
    Specimen("spline", lx.Spline((2,), -1.0, 1.0, 4), (2, 3), {"saved_points": (4, 2)}, draws=True),
    Specimen(
        "spline cubic",
        lx.Spline((), -1.0, 1.0, 5, degree=3, train_grid=True),
        (3,),
        {"saved_points": (5,), "grid": (5,)},
        draws=True,
    ),
    Specimen(
        "hamiltonian of a pair",
        lx.HamiltonianNN(lx.Chain(Join(), ENERGY)),
        ((2, 2), (2, 2)),
        {"model": {"layer_1": {}, "layer_2": {"layer_1": affine(4, 5), "layer_2": affine(5, 1)}}},
        {"model": {"layer_1": {}, "layer_2": {"layer_1": {}, "layer_2": {}}}},
    ),
    Specimen(
        "hamiltonian",
        lx.HamiltonianNN(lx.Chain(ENERGY, lx.Dropout(0.2))),
        (2, 4),
        {"model": {"layer_1": {"layer_1": affine(4, 5), "layer_2": affine(5, 1)}, "layer_2": {}}},
        {"model": {"layer_1": {"layer_1": {}, "layer_2": {}}, "layer_2": DROP}},
    ),
    Specimen(
        "positive definite",
        lx.PositiveDefinite(lx.Dense(3, 2, jnp.tanh), (0.5, -1.0, 0.0)),
        (4, 3),
        {"model": affine(3, 2)},
        {"model": {}},
    ),
    Specimen(
        "shift to",
        lx.ShiftTo(lx.Chain(lx.Dense(3, 2), lx.Dropout(0.3)), 0.0, (1.0, 2.0)),
        (4, 3),
        {"model": {"layer_1": affine(3, 2), "layer_2": {}}},
        {"model": {"layer_1": {}, "layer_2": DROP}},
    ),
    Specimen("periodic embedding", lx.PeriodicEmbedding((2, 0), (1.0, 24.0)), (2, 4)),
    Specimen(
        "mlp",
        lx.mlp(3, (4, 4), norm=lx.BatchNorm, dropout=0.2, residual=True),
        (5, 3),
        {
            "block_1": {"dense": affine(3, 4), "norm": scaled(4), "activation": {}, "dropout": {}},
            "block_2": {"layer": affine(4, 4)},
        },
        {
            "block_1": {"dense": {}, "norm": running(4), "activation": {}, "dropout": DROP},
            "block_2": {"layer": {}},
        },
    ),
]
