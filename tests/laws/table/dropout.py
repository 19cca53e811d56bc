"""Dropout."""

import luxnb as lx
from tests.laws.specimen import DROP, TRAIN, Specimen

HIDDEN = {"key": "key", "renew": (), "mode": TRAIN}

SPECIMENS = [
    Specimen("dropout", lx.Dropout(0.3), (4, 5), {}, DROP),
    Specimen("dropout nothing", lx.Dropout(0.0), (4, 5), {}, DROP),
    Specimen("dropout channels", lx.Dropout(0.5, axes=(0, -1)), (2, 3, 4, 5), {}, DROP),
    Specimen("dropout all", lx.Dropout(1.0), (4, 5), {}, DROP),
    Specimen("alpha dropout", lx.AlphaDropout(0.3), (4, 5), {}, DROP),
    Specimen("hidden dropout", lx.VariationalHiddenDropout(0.3), (4, 5), {}, HIDDEN),
    Specimen(
        "hidden dropout features",
        lx.VariationalHiddenDropout(0.3, axes=(1,)),
        (4, 5),
        {},
        HIDDEN,
    ),
]
