"""Curves: small, fast, see-through, and the user's own figures untouched."""

import io
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from luxnb.display.figure import MOST_BUCKETS, curve_png, thinned

RANDOM = np.random.default_rng(0)
MILLION = np.arange(1_000_000)
NOISY = np.exp(-MILLION / 2e5) + 0.1 * RANDOM.random(MILLION.size)


def opened(png) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_three_noisy_curves_are_small():
    history = {"loss": (MILLION, NOISY), "accuracy": (MILLION, -NOISY), "norm": (MILLION, NOISY)}
    png = curve_png(history, title="digits")
    assert len(png) <= 40_000
    assert np.allclose(opened(png).size, (2040, 420), atol=1)


def test_the_ground_is_transparent_and_the_ink_is_not():
    picture = np.asarray(opened(curve_png({"loss": ([0, 1], [1.0, 0.0])})).convert("RGBA"))
    assert picture[0, 0, 3] == 0
    assert (picture[..., 3] == 0).mean() > 0.8
    blue = (picture[..., 2] > 200) & (picture[..., 0] < 120) & (picture[..., 3] > 200)
    assert blue.sum() > 200


@pytest.mark.parametrize(("metrics", "size"), [(1, (680, 420)), (3, (2040, 420)), (4, (2040, 840))])
def test_one_axes_a_metric_three_in_a_row(metrics, size):
    history = {f"m{i}": ([0, 1], [0.0, 1.0]) for i in range(metrics)}
    assert np.allclose(opened(curve_png(history)).size, size, atol=1)  # matplotlib's rounding


@pytest.mark.parametrize(
    "history",
    [
        {},
        {"empty": ([], [])},
        {"one": ([3], [0.5])},
        {"nan": (np.arange(2000), np.full(2000, np.nan))},
        {"infinite": ([0, 1, 2], [1.0, np.inf, -np.inf])},
        {"$bad \\math^{ [b]\x1b[0m": ([0, 1], [0, 1])},
    ],
    ids=["nothing", "empty", "one", "nan", "infinite", "name"],
)
def test_odd_histories_are_drawn(history):
    assert opened(curve_png(history, title="$x_{")).format == "PNG"


def ink(png, wanted):
    """How many pixels have about this colour."""
    picture = np.asarray(opened(png).convert("RGBA")).astype(int)
    near = np.abs(picture[..., :3] - wanted).max(-1) < 40
    return int((near & (picture[..., 3] > 200)).sum())


def test_points_of_a_validation_are_in_the_axes_of_their_metric():
    orange = np.array([217, 119, 6])
    history = {"loss": ([0, 1, 2], [3.0, 2.0, 1.0])}
    alone = curve_png(history)
    beside = curve_png(history, validation={"loss": ([1, 2], [2.5, 1.5])})
    marked = curve_png(history, validation={"loss": ([1, 2], [2.5, 1.5])}, best=("loss", 2, 1.5))
    assert opened(alone).size == opened(beside).size == opened(marked).size
    assert ink(alone, orange) == 0 < ink(beside, orange) < ink(marked, orange)
    only = curve_png(history, validation={"accuracy": ([1], [0.5])})
    assert np.allclose(opened(only).size, (1360, 420), atol=1)


@pytest.mark.parametrize("values", [[np.nan, np.nan], [np.inf, 1.0], []])
def test_odd_validations_are_drawn(values):
    points = {"loss": (np.arange(len(values)), values)}
    assert opened(curve_png({"loss": ([0, 1], [1, 0])}, validation=points)).format == "PNG"


def test_thinning_keeps_every_extreme():
    values = RANDOM.standard_normal(100_003)
    values[4711], values[99_999] = 50, -60
    steps, means, lows, highs = thinned(np.arange(values.size), values)
    assert len(steps) == len(means) == len(lows) == len(highs) <= MOST_BUCKETS
    assert (highs.max(), lows.min()) == (50, -60)
    assert abs(steps[highs.argmax()] - 4711) <= values.size / MOST_BUCKETS
    assert np.all(np.diff(steps) > 0)
    weights = np.diff([*steps, values.size])
    np.testing.assert_allclose(np.average(means, weights=weights), values.mean(), rtol=1e-9)


def test_few_points_stay_as_they_are():
    steps, *curves = thinned(range(MOST_BUCKETS), np.arange(MOST_BUCKETS) ** 2)
    assert np.array_equal(steps, np.arange(MOST_BUCKETS))
    for curve in curves:
        assert np.array_equal(curve, np.arange(MOST_BUCKETS) ** 2)


def test_a_gap_of_nan_stays_a_gap():
    values = np.ones(10_000)
    values[3000:5000] = np.nan
    assert 0 < np.isnan(thinned(np.arange(10_000), values)[1]).mean() < 0.25


def test_the_users_settings_are_left_alone():
    before = dict(mpl.rcParams)
    curve_png({"loss": ([0, 1], [1, 0])})
    assert dict(mpl.rcParams) == before


def test_pyplot_is_not_touched_and_display_needs_no_matplotlib():
    code = (
        "import sys, luxnb.display.cards, luxnb;"
        "assert 'matplotlib' not in sys.modules, 'matplotlib';"
        "assert 'IPython' not in sys.modules, 'IPython';"
        "from luxnb.display.figure import curve_png; curve_png({'a': ([0, 1], [0, 1])});"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
