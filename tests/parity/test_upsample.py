"""Upsample and PixelShuffle against PyTorch's interpolate and pixel_shuffle."""

import itertools

import pytest

import luxnb as lx
from tests.parity.agree import assert_agree, random, torch

SPACES = {"linear": (5,), "bilinear": (4, 5), "trilinear": (3, 2, 4)}


def called(layer):
    return lambda x: layer(x, {}, {})[0]


def interpolate(layer):
    def theirs(x):
        y = torch.nn.functional.interpolate(
            x.movedim(-1, 1),
            size=layer.size,
            scale_factor=layer.scale,
            mode=layer.mode,
            align_corners=None if layer.mode == "nearest" else layer.align_corners,
        )
        return y.movedim(1, -1)

    return theirs


@pytest.mark.parametrize("mode", SPACES)
@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("scale", [2, 3, 1.5, 2.3, 0.6])
def test_linear_by_scale(mode, align_corners, scale):
    layer = lx.Upsample(mode, scale=scale, align_corners=align_corners)
    assert_agree(called(layer), interpolate(layer), random(2, *SPACES[mode], 3))


SIZES = {
    "linear": [(1,), (3,), (5,), (8,), (10,)],
    "bilinear": [(8, 10), (3, 9), (1, 1), (7, 2)],
    "trilinear": [(6, 4, 8), (5, 3, 3), (1, 4, 9)],
}


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize(
    ("mode", "size"), [(mode, size) for mode, sizes in SIZES.items() for size in sizes]
)
def test_linear_by_size(mode, size, align_corners):
    layer = lx.Upsample(mode, size=size, align_corners=align_corners)
    assert_agree(called(layer), interpolate(layer), random(2, *SPACES[mode], 3))


@pytest.mark.parametrize("space", SPACES.values())
@pytest.mark.parametrize("scale", [1, 2, 3, 1.5, 1.7, 0.6])
def test_nearest_by_scale(space, scale):
    """Not by 2.3: there PyTorch's gradient over three axes fails its own `gradcheck`."""
    layer = lx.Upsample("nearest", scale=scale)
    assert_agree(called(layer), interpolate(layer), random(2, *space, 3))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8])
@pytest.mark.parametrize("space", SPACES.values())
def test_nearest_by_size(space, size):
    layer = lx.Upsample(size=size)
    assert_agree(called(layer), interpolate(layer), random(2, *space, 3))


def test_a_scale_for_each_axis():
    for mode in ("nearest", "bilinear"):
        layer = lx.Upsample(mode, scale=(2.5, 1.2))
        assert_agree(called(layer), interpolate(layer), random(2, 4, 5, 3))


def test_from_one_element_to_many():
    """More outputs of one input than the gradient gathers one by one."""
    for mode, align_corners in (("nearest", False), ("linear", False), ("linear", True)):
        layer = lx.Upsample(mode, size=(150,), align_corners=align_corners)
        for n in (1, 2):
            assert_agree(called(layer), interpolate(layer), random(2, n, 3))


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_pixel_shuffle_of_images(factor):
    def theirs(x):
        return torch.nn.functional.pixel_shuffle(x.movedim(-1, 1), factor).movedim(1, -1)

    assert_agree(called(lx.PixelShuffle(factor)), theirs, random(2, 2, 3, 3 * factor**2))


@pytest.mark.parametrize("space", [(4,), (2, 3), (2, 1, 3)], ids=str)
def test_pixel_shuffle_element_by_element(space):
    axes, factor, channels = len(space), 2, 3

    def theirs(x):
        y = x.new_zeros(2, *(n * factor for n in space), channels)
        for place in itertools.product(*(range(n * factor) for n in space)):
            for c in range(channels):
                source = c
                for at in place:
                    source = source * factor + at % factor
                coarse = tuple(at // factor for at in place)
                y[(slice(None), *place, c)] = x[(slice(None), *coarse, source)]
        return y

    assert_agree(
        called(lx.PixelShuffle(factor)), theirs, random(2, *space, channels * factor**axes)
    )
