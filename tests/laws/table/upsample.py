"""Space made larger: interpolation, and channels moved into space."""

import luxnb as lx
from tests.laws.specimen import Specimen

SPECIMENS = [
    Specimen("upsample nearest", lx.Upsample(scale=2), (2, 3, 4, 2)),
    Specimen("upsample linear", lx.Upsample("linear", size=(8,)), (2, 5, 2)),
    Specimen(
        "upsample bilinear",
        lx.Upsample("bilinear", scale=(1.7, 0.6), align_corners=True),
        (2, 3, 4, 2),
    ),
    Specimen("upsample trilinear", lx.Upsample("trilinear", scale=2), (1, 2, 3, 2, 1)),
    Specimen("pixel shuffle", lx.PixelShuffle(2), (2, 3, 2, 8)),
    Specimen("pixel shuffle 1-d", lx.PixelShuffle(3), (2, 3, 6)),
]
