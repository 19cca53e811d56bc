"""What is seen of a schedule: a curve in text, and the same as a figure."""

import base64
import re

import numpy as np
import optax

import luxnb as lx
from luxnb.notebook.schedule_view import curve

SHOWN = lx.schedule(optax.warmup_cosine_decay_schedule(0.0, 1e-3, 100, 1000, 1e-5), 1000)


def test_text_and_figure_say_the_same():
    seen = lx.view(SHOWN)
    words, blocks = seen.text.split("\n")
    assert words == "Schedule of 1,000 steps: 0 at step 0, 0.001 at step 100, 1e-05 at step 999"
    assert len(blocks) == 60 and blocks[0] == "▁" and blocks[6] == "█" and blocks[-1] == "▁"
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', seen.html)
    assert picture and base64.b64decode(picture[1]).startswith(b"\x89PNG")
    assert f'alt="{words}"' in seen.html and f"<p>{words}</p>" in seen.html
    assert "<script" not in seen.html and len(seen.html) < 30_000
    assert str(SHOWN) == seen.text and SHOWN._repr_mimebundle_()["text/html"] == seen.html
    assert lx.view(SHOWN) == seen, "the same bytes each time"


def test_the_line_of_blocks():
    assert curve(np.array([0.0, 1.0, 2.0, 3.0])) == "▁▃▆█"
    assert curve(np.array([3.0, 0.0]), width=1) == "▅"
    assert curve(np.array([2.0, 2.0])) == "▅▅"
    assert curve(np.array([0.0, np.nan, 1.0])) == "▁ █"
    assert curve(np.array([np.nan])) == " "


def test_what_is_not_finite_is_shown_all_the_same():
    shown = lx.schedule(lambda step: 1.0 / step, 4)
    assert "inf at step 0" in lx.view(shown).text
    assert "<img" in lx.view(shown).html
