"""MaxPool against plain loops over windows, and what it refuses."""

import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.windows import largest, same_padding

RNG = np.random.default_rng(0)

CASES = [
    (lx.MaxPool((2,)), (7,), (2,), [(0, 0)], (1,)),
    (lx.MaxPool((2, 3)), (5, 7), (2, 3), [(0, 0)] * 2, (1, 1)),
    (lx.MaxPool((2, 2, 1)), (4, 5, 2), (2, 2, 1), [(0, 0)] * 3, (1, 1, 1)),
    (lx.MaxPool((3, 3), stride=2), (7, 6), (2, 2), [(0, 0)] * 2, (1, 1)),
    (lx.MaxPool((3, 3), stride=(1, 2), padding=1), (5, 6), (1, 2), [(1, 1)] * 2, (1, 1)),
    (lx.MaxPool((3, 2), padding=((0, 2), 1)), (5, 6), (3, 2), [(0, 2), (1, 1)], (1, 1)),
    (lx.MaxPool((3,), stride=2, padding="SAME"), (6,), (2,), "SAME", (1,)),
    (lx.MaxPool((3,), stride=2, padding="VALID"), (6,), (2,), [(0, 0)], (1,)),
    (lx.MaxPool((2, 2), stride=1, dilation=(2, 1)), (5, 4), (1, 1), [(0, 0)] * 2, (2, 1)),
    (lx.MaxPool((3,), stride=2, padding="SAME", dilation=2), (8,), (2,), "SAME", (2,)),
]


@pytest.mark.parametrize(("layer", "space", "stride", "padding", "dilation"), CASES, ids=repr)
def test_against_loops(layer, space, stride, padding, dilation):
    x = RNG.normal(size=(2, *space, 3)).astype(np.float32) - 5  # zeros as padding would win
    if padding == "SAME":
        padding = same_padding(space, layer.window, stride, dilation)
    y, _ = layer(x, *layer.init(0))
    np.testing.assert_array_equal(y, largest(x, layer.window, stride, padding, dilation))


@pytest.mark.parametrize("window", [2, (), (1, 2, 3, 4), (0,)], ids=repr)
def test_windows(window):
    with pytest.raises(
        ValueError, match=r"MaxPool\.window must be a tuple of 1 to 3 positive integers, .* got .*"
    ):
        lx.MaxPool(window)


def test_stride_padding_and_dilation():
    with pytest.raises(
        ValueError, match=r"MaxPool\.stride must be a positive integer or 2 of them"
    ):
        lx.MaxPool((2, 2), stride=0)
    with pytest.raises(
        ValueError, match=r"MaxPool\.dilation must be a positive integer or 2 of th"
    ):
        lx.MaxPool((2, 2), dilation=(1,))
    with pytest.raises(ValueError, match=r'MaxPool\.padding must be "SAME", "VALID", an integer'):
        lx.MaxPool((2, 2), padding="same")


def test_inputs_of_another_shape():
    layer = lx.MaxPool((2, 2))
    with pytest.raises(
        ValueError, match=r"expected x of shape \(batch, height, width, channels\); got f32\[4,4\]"
    ):
        layer(jnp.ones((4, 4)), *layer.init(0))
