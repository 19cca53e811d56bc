"""The table of rotations: as exact as its dtype, and one for all who ask."""

import math

import numpy as np
import pytest

from luxnb.ops.rotary import rotary_table


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 6e-8), (np.float64, 1e-11)])
def test_the_table_is_exact_far_out(dtype, tolerance):
    cos, sin = rotary_table(100_000, 6, 10_000.0, np.dtype(dtype))
    assert cos.shape == sin.shape == (100_000, 3)
    assert cos.dtype == sin.dtype == dtype
    for p, i in [(0, 0), (1, 0), (99_999, 0), (99_999, 1), (54_321, 2)]:
        angle = p * 10_000.0 ** (-2 * i / 6)
        assert cos[p, i] == pytest.approx(math.cos(angle), abs=tolerance)
        assert sin[p, i] == pytest.approx(math.sin(angle), abs=tolerance)


def test_the_table_cannot_be_written_to():
    cos, sin = rotary_table(4, 2, 10.0, np.dtype("float32"))
    again, _ = rotary_table(4, 2, 10.0, np.dtype("float32"))
    assert again is cos
    for table in (cos, sin):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1
