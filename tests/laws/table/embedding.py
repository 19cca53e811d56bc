"""Embeddings and positions."""

import luxnb as lx
from tests.laws.specimen import Ints, Specimen

SPECIMENS = [
    Specimen("embedding", lx.Embedding(5, 3), Ints((2, 4), 5), {"weight": (5, 3)}),
    Specimen(
        "embedding of pairs",
        lx.Embedding((4, 3), 2, init_weight=lx.init.normal(0.1)),
        (Ints((2,), 4), Ints((2,), 3)),
        {"weight": (4, 3, 2)},
    ),
    Specimen(
        "position embedding",
        lx.PositionEmbedding(5, 3),
        (2, 4, 3),
        {"weight": (5, 3)},
        {"cache": {}},
    ),
    Specimen("sinusoidal embedding", lx.SinusoidalEmbedding(4), (2, 3)),
    Specimen(
        "sinusoidal embedding in turns",
        lx.SinusoidalEmbedding(6, min_frequency=0.01, scale=1.0, full_turns=True),
        (2, 3),
    ),
    Specimen("rotary embedding", lx.RotaryEmbedding(4), (2, 3, 2, 4)),
    Specimen(
        "rotary embedding at positions",
        lx.RotaryEmbedding(4, base=100.0, max_length=9),
        ((2, 3, 2, 4), Ints((2, 3), 9)),
    ),
]
