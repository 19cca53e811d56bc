"""Dropout."""

import luxnb as lx
from tests.laws.specimen import DROP, Specimen

SPECIMENS = [
    Specimen("dropout", lx.Dropout(0.3), (4, 5), {}, DROP),
    Specimen("dropout nothing", lx.Dropout(0.0), (4, 5), {}, DROP),
]
