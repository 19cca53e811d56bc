"""Curves of several runs in one figure: small, told apart, and marked where they part."""

import io

import numpy as np
from PIL import Image

from luxnb.display.overlay import INKS, overlay_png

STEPS = np.arange(100)


def opened(png) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def near(picture, ink) -> int:
    """How many pixels have that ink."""
    wanted = np.array([int(ink[i : i + 2], 16) for i in (1, 3, 5)])
    return int(((np.abs(picture[..., :3] - wanted).max(-1) < 24) & (picture[..., 3] > 200)).sum())


def test_each_run_has_an_ink_of_its_own():
    runs = [(f"run {i}", {"loss": (STEPS, STEPS * 0.0 + i)}) for i in range(4)]
    picture = opened(overlay_png(runs))
    assert all(near(picture, ink) > 300 for ink in INKS[:4])
    assert near(opened(overlay_png(runs[:1])), INKS[1]) == 0


def test_the_step_at_which_they_part_is_marked():
    runs = [("a", {"loss": (STEPS, STEPS)})]
    plain, marked = opened(overlay_png(runs)), opened(overlay_png(runs, mark=50))
    columns = np.flatnonzero((np.abs(plain - marked)[..., 3] > 100).sum(0) > 50)
    assert len(columns) and np.ptp(columns) < 8


def test_metrics_that_only_one_has_and_nothing_at_all():
    runs = [("a", {"loss": (STEPS, STEPS)}), ("$b^", {"norm": ([0], [1.0])})]
    assert overlay_png(runs) == overlay_png(runs)
    assert overlay_png([("a", {})]).startswith(b"\x89PNG")
