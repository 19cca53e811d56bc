"""What is seen of a sweep: a band for each metric, and a table that says the same in text."""

import base64
import io
import re

import numpy as np
import optax
import pytest
from PIL import Image

import luxnb as lx
from luxnb.display.band import band_png, colours
from luxnb.notebook.stream import Stream
from luxnb.notebook.terminal import progress
from tests.train.conftest import train

INJECTED = optax.inject_hyperparams(optax.adam)(learning_rate=1e-2)


@pytest.fixture(scope="module")
def sweep():
    return lx.sweep(train(optimizer=INJECTED, steps=30), seeds=[0, 4], learning_rate=[1e-3, 0.1])


def test_a_figure_and_a_table_of_the_members(sweep):
    seen = lx.view(sweep)
    png = re.search(r'src="data:image/png;base64,([^"]+)"', seen.html)
    assert png and base64.b64decode(png[1]).startswith(b"\x89PNG")
    assert 'alt="curves of 4 members over 30 steps"' in seen.html
    assert "<script" not in seen.html and len(seen.html) < 100_000
    head, table, rows, note = (seen.text.splitlines()[i] for i in (0, 1, slice(2, 6), 6))
    assert head.startswith("Chain, 4 members: done, 30 of 30 steps · 5 epochs")
    assert table.split() == ["seed", "learning_rate", "loss", "lowest", "accuracy"]
    losses, accuracy = sweep.history["loss"], sweep.history["accuracy"]
    for i, (row, (seed, rate)) in enumerate(
        zip(rows, [("0", "0.001"), ("4", "0.001"), ("0", "0.1"), ("4", "0.1")], strict=True)
    ):
        numbers = losses[i, -6:].mean(), losses[i].min(), accuracy[i, -6:].mean()
        assert row.split() == [seed, rate, *(f"{number:.4g}" for number in numbers)]
        assert all(f"<td>{word}</td>" in seen.html for word in row.split())
    last = losses[:, -6:].mean(1)
    assert note.startswith(f"loss {last.mean():.4g} ± {last.std():.2g} over the last epoch")
    assert note.endswith(f"lowest in member {last.argmin()}: {sweep.names[last.argmin()]}")
    assert str(sweep) == seen.text


def test_members_that_stopped_are_told():
    sgd = optax.inject_hyperparams(optax.sgd)(learning_rate=0.1)
    x = np.ones((8, 1), np.float32)
    run = lx.fit(lx.Dense(1, 1), (x, x), loss=lx.losses.mse, optimizer=sgd, steps=9, batch_size=8)
    seen = lx.view(lx.sweep(run, learning_rate=[0.1, 1e9]))
    assert "1 of 2 stopped: their next loss was not finite" in seen.text
    lines = seen.text.splitlines()
    assert lines[1].split() == ["learning_rate", "loss", "lowest", "steps"]
    assert lines[2].split()[-1] == "9" and lines[3].split()[1] == "–"
    assert 0 < int(lines[3].split()[-1]) < 9


def test_of_many_the_best_are_listed():
    sweep = lx.sweep(train(steps=4), seeds=range(40))
    lines = lx.view(sweep).text.splitlines()
    assert len(lines) == 1 + 1 + 32 + 2
    assert lines[-2] == "… and 8 more with a higher loss"
    values = [float(line.split()[1]) for line in lines[2:34]]
    assert values == sorted(values)


def test_a_sweep_without_steps_has_words_only():
    sweep = lx.sweep(train(steps=1), seeds=[0, 1])
    sweep._worker.course.records.history = lx.History(("members", "loss[0]", "loss[1]"))
    assert "<img" not in lx.view(sweep).html


def test_the_live_view_and_the_terminal_show_the_mean(sweep):
    header, (_, last) = Stream().frame(sweep, snapshot=True)
    assert header["names"] == ["loss", "accuracy", "learning_rate"]
    assert header["title"] == "Chain, 4 members" and header["rows"] == 30
    mean = np.frombuffer(last, "<f4")[0]
    assert mean == pytest.approx(sweep.history["loss"][:, -1].mean())
    assert f"loss {mean:.4g}" in progress(sweep)


# -- the picture --------------------------------------------------------------------------------


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"), int)


def test_each_group_has_its_colour():
    values = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    picture = pixels(band_png({"loss": ([1, 2, 3], values)}, {"a": [0], "b": [1]}))
    height = picture.shape[0]
    blue = np.argwhere((abs(picture - [0x3B, 0x82, 0xF6, 255]) < 12).all(-1))
    orange = np.argwhere((abs(picture - [0xE8, 0x59, 0x0C, 255]) < 12).all(-1))
    inside = slice(0, int(0.75 * height))  # above the legend
    assert len(blue) and len(orange)
    assert orange[orange[:, 0] < inside.stop, 0].mean() < blue[blue[:, 0] < inside.stop, 0].mean()


def test_a_band_is_the_same_bytes_and_bears_all_numbers():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, 500))
    values[1, 100:] = np.nan
    values[2, :] = np.nan
    metrics = {"<b>$x$": (np.arange(500), values), "huge": (np.arange(500), np.exp(99 * values))}
    assert band_png(metrics) == band_png(metrics)
    assert len(band_png({"one": ([1], np.ones((2, 1)))}))
    assert len(band_png({"lost": ([1, 2], np.full((2, 2), np.nan))}))
    assert len({tuple(np.atleast_1d(colour)) for colour in colours(20)}) == 20
