"""Heat maps: small, see-through, the right colours, and the same words in both faces."""

import base64
import html
import io
import re
import subprocess
import sys

import jax.numpy as jnp
import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from luxnb import heatmap
from luxnb.display.heat import MOST_BYTES, heat_png

RANDOM = np.random.default_rng(0)


def pixels(png):
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG"
    return np.asarray(picture.convert("RGBA"))


def image(view):
    return base64.b64decode(re.search(r"base64,([^\"]+)\"", view.html)[1])


ARRAYS = {
    "noise": RANDOM.normal(size=(784, 256)),
    "matrix": RANDOM.normal(size=(50_000, 77)).astype(np.float32),
    "kernel": RANDOM.normal(size=(3, 3, 64, 128)),
    "heads": RANDOM.random((2, 12, 128, 128)),
    "strip": np.sin(np.arange(5000)),
    "nothing finite": np.full((3, 3), np.nan),
    "infinite": np.array([np.inf, -np.inf, 0, 1]),
    "one": np.ones(()),
    "zeros": np.zeros((4, 4)),
    "negative": -RANDOM.random((4, 4)),
    "huge": np.array([-1.7e308, 1.7e308]),
    "tiny": np.array([0, 5e-324]),
    "flags": RANDOM.random((30, 30)) > 0.5,
}


@pytest.mark.parametrize("name", ARRAYS)
def test_every_picture_is_small(name):
    png = heat_png(ARRAYS[name])
    assert len(png) <= MOST_BYTES
    assert png == heat_png(ARRAYS[name])
    height, width, _ = pixels(png).shape
    assert width <= 800 and height <= 900


def colour_of(png, row, column, cell=48):
    return tuple(pixels(png)[2 + cell * row + cell // 2, 2 + cell * column + cell // 2].tolist())


def test_zero_is_the_page_and_signs_are_colours():
    png = heat_png(np.array([[-1.0, 0.0], [0.5, 1.0]]))
    orange, blue = (234, 88, 12), (59, 130, 246)
    assert colour_of(png, 0, 0) == (*orange, 255) and colour_of(png, 1, 1) == (*blue, 255)
    assert colour_of(png, 0, 1)[3] == 0
    *half, cover = colour_of(png, 1, 0)
    assert tuple(half) == blue and cover == round(255 * 0.5**0.7)


def test_numbers_of_one_sign_begin_with_the_page():
    rising = heat_png(np.array([[2.0, 4.0]]))
    assert colour_of(rising, 0, 0)[3] == 0 and colour_of(rising, 0, 1)[3] == 255
    falling = heat_png(np.array([[-2.0, -4.0]]))
    assert colour_of(falling, 0, 0)[3] == 0 and colour_of(falling, 0, 1) == (234, 88, 12, 255)


def test_what_is_not_finite_has_its_own_colour():
    png = heat_png(np.array([[np.nan, 1.0], [-np.inf, -1.0]]))
    green = (101, 163, 13, 255)
    assert colour_of(png, 0, 0) == colour_of(png, 1, 0) == green
    assert green not in (colour_of(png, 0, 1), colour_of(png, 1, 1))


def test_the_ground_is_transparent():
    picture = pixels(heat_png(np.eye(3)))
    below = picture[-20:]
    assert (below[..., 3] == 0).mean() > 0.8 and (below[..., 3] > 150).any()  # numbers in grey


def test_the_words_of_a_picture():
    matrix = RANDOM.normal(size=(1000, 4))
    matrix[3, 1] = np.nan
    view = heatmap(matrix, title="layer_1.weight")
    low, high = np.nanmin(matrix), np.nanmax(matrix)
    head, *shades, fault = view.text.splitlines()
    said = f"f64[1000,4] from {low:.3g} to {high:.3g}".replace("-", "−")
    assert head == f"layer_1.weight  {said}, averaged 84×1" and fault == "✗ 1 NaN of 4,000"
    assert len(shades) == 12 and set("".join(shades)) <= set("░▒▓█?")
    alt = html.unescape(re.search(r'alt="([^"]*)"', view.html)[1])
    assert alt == f"Heat map of layer_1.weight: {said}, averaged 4×1 ✗ 1 NaN of 4,000"
    assert "<mark>✗ 1 NaN of 4,000</mark>" in view.html
    assert len(image(view)) <= MOST_BYTES


def test_shades_of_a_terminal():
    assert heatmap(np.array([[0.0, 1.0], [2.0, 3.0]])).text == "f64[2,2] from 0 to 3\n░░▒▒\n▓▓██"
    assert heatmap(np.zeros((1, 2))).text == "f64[1,2] all 0\n░░░░"
    assert heatmap(np.array([np.nan, 2, 4])).text.splitlines()[1:] == ["??░░██", "✗ 1 NaN of 3"]
    assert heatmap(np.arange(96.0)).text.splitlines()[1] == "".join(c * 12 for c in "░▒▓█")
    tiles = heatmap(np.array([[[0.0, 1.0]], [[2.0, 3.0]]])).text
    assert tiles == "f64[2,1,2] from 0 to 3\n░░▒▒  ▓▓██"


def test_an_image_is_as_wide_as_it_is_meant_to_be():
    view = heatmap(np.eye(10))
    width = int(re.search(r'width="(\d+)"', view.html)[1])
    assert width == pixels(image(view)).shape[1] // 2


@pytest.mark.parametrize(
    "title", ['"><img src=x onerror=alert(1)>', "</figure>", "$x_{", "\x1b[31m"]
)
def test_hostile_titles(title):
    view = heatmap(jnp.ones((2, 2)), title=title)
    assert view.html.count("<img") == view.html.count("</figure>") == 1
    assert "\x1b" not in view.text + view.html
    assert html.escape(title.replace("\x1b", "\\x1b")) in view.html


def test_the_users_settings_are_left_alone_and_matplotlib_waits():
    before = dict(mpl.rcParams)
    heat_png(np.eye(3))
    assert dict(mpl.rcParams) == before
    code = (
        "import sys, numpy, luxnb as lx;"
        "assert 'matplotlib' not in sys.modules and 'PIL' not in sys.modules;"
        "lx.heatmap(numpy.eye(3)); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
