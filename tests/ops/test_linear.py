"""linear against NumPy's product."""

import numpy as np
import pytest

from luxnb.ops.linear import linear

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("batch", [(), (4,), (2, 3), (2, 1, 3), (0, 3), (1, 0)], ids=str)
def test_any_number_of_batch_axes(batch):
    x, weight = RNG.normal(size=(*batch, 5)), RNG.normal(size=(5, 2))
    y = linear(x.astype(np.float32), weight.astype(np.float32))
    assert y.shape == (*batch, 2)
    np.testing.assert_allclose(y, x @ weight, rtol=1e-5, atol=1e-6)
