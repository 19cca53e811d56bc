"""Pooling: over windows, over all of space, and to a given size."""

import luxnb as lx
from tests.laws.specimen import Specimen

SPECIMENS = [
    Specimen("max pool 1-d", lx.MaxPool((2,)), (2, 7, 3)),
    Specimen("max pool 3-d", lx.MaxPool((2, 2, 2), stride=1), (1, 3, 3, 3, 1)),
    Specimen("max pool padding", lx.MaxPool((3, 3), stride=2, padding=1), (1, 5, 5, 2)),
    Specimen("max pool same", lx.MaxPool((5,), stride=2, padding="SAME", dilation=2), (1, 9, 2)),
    Specimen("mean pool", lx.MeanPool((2, 2)), (2, 5, 4, 3)),
    Specimen(
        "mean pool padding",
        lx.MeanPool((3, 3), stride=2, padding=1, dilation=(1, 2), count_padding=False),
        (1, 5, 5, 2),
    ),
    Specimen("mean pool same", lx.MeanPool((5,), stride=2, padding="SAME"), (1, 6, 2)),
    Specimen("lp pool", lx.LPPool((2,)), (2, 7, 3)),
    Specimen("lp pool 3", lx.LPPool((3, 3), 3.5, stride=1, padding=1), (1, 3, 4, 2)),
    Specimen("global max pool", lx.GlobalMaxPool(), (2, 3, 4, 3)),
    Specimen("global mean pool", lx.GlobalMeanPool(), (2, 3, 4, 3)),
    Specimen("global lp pool", lx.GlobalLPPool(3), (2, 5, 3)),
    Specimen("adaptive max pool", lx.AdaptiveMaxPool((3, 2)), (2, 7, 4, 2)),
    Specimen("adaptive max pool larger", lx.AdaptiveMaxPool((7,)), (2, 3, 2)),
    Specimen("adaptive mean pool", lx.AdaptiveMeanPool((3, 7)), (2, 8, 5, 2)),
    Specimen("adaptive lp pool", lx.AdaptiveLPPool((3,)), (2, 7, 2)),
]
