"""The equations of recurrent cells against NumPy, gate by gate."""

import numpy as np
import pytest
from scipy.special import expit

from luxnb.ops.recurrent import gru, joint, lstm

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("batch", [(), (4,), (2, 3)], ids=str)
def test_joint(batch):
    x, hidden, weight_ih, weight_hh = (
        normal(*batch, 3),
        normal(*batch, 2),
        normal(3, 5),
        normal(2, 5),
    )
    expected = np.einsum("...i,ij", x, weight_ih) + np.einsum("...h,hj", hidden, weight_hh)
    np.testing.assert_allclose(joint(x, hidden, weight_ih, weight_hh), expected, rtol=1e-4)


def test_lstm():
    gates, c = normal(4, 8), normal(4, 2)
    i, f, g, o = gates[:, :2], gates[:, 2:4], gates[:, 4:6], gates[:, 6:]
    memory = expit(f) * c + expit(i) * np.tanh(g)
    got = lstm(gates, c)
    np.testing.assert_allclose(got[0], expit(o) * np.tanh(memory), rtol=1e-5)
    np.testing.assert_allclose(got[1], memory, rtol=1e-5, atol=1e-7)


def test_gru():
    a, b, h = normal(4, 6), normal(4, 6), normal(4, 2)
    r, z = expit(a[:, :2] + b[:, :2]), expit(a[:, 2:4] + b[:, 2:4])
    n = np.tanh(a[:, 4:] + r * b[:, 4:])
    np.testing.assert_allclose(gru(a, b, h), (1 - z) * n + z * h, rtol=1e-5, atol=1e-6)
