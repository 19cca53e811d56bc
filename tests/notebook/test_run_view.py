"""What is left of a run: a figure, a table, and text that say the same."""

import base64
import re

import numpy as np

import luxnb as lx
from luxnb.display import figure
from luxnb.notebook.run_view import closing_line, closing_table
from luxnb.train.measure.history import History
from luxnb.train.running.progress import Progress
from tests.train.conftest import points, train


def test_a_run_shows_a_figure_and_a_table():
    run = train(steps=30)
    seen = lx.view(run)
    picture = re.search(r'src="data:image/png;base64,([^"]+)"', seen.html)
    assert picture and base64.b64decode(picture[1]).startswith(b"\x89PNG")
    assert 'alt="curves over 30 steps, at the end loss ' in seen.html
    assert "<script" not in seen.html and "<svg" not in seen.html
    assert len(seen.html) < 60_000
    for column in run.history.items():
        name, values = column
        for number in (values[0], values[-1], values.min(), values.max()):
            assert f"<td>{number:.4g}</td>" in seen.html
        assert name in seen.text
    assert "Chain: done, 30 of 30 steps · 5 epochs" in seen.text
    assert str(run) == seen.text and run._repr_mimebundle_()["text/html"] == seen.html


def test_a_run_without_steps_has_words_only():
    run = train(steps=1)
    run._worker.course.records.history = History(("loss",))
    assert "<img" not in lx.view(run).html


def test_validations_are_shown_beside_the_training():
    run = train(
        steps=30, validation=lx.Validation(points(50, seed=5), steps=10, monitor="accuracy")
    )
    seen, best = lx.view(run), run.best
    words = f"best validation accuracy {best.value:.4g} at step {best.step}"
    assert words in seen.text.splitlines() and f"<p>{words}</p>" in seen.html
    for name, column in run.validation.items():
        numbers = column[0], column[-1], column.min(), column.max()
        cells = "".join(f"<td>{number:.4g}</td>" for number in numbers)
        assert f"<tr><td>validation {name}</td>{cells}</tr>" in seen.html
    without = re.search(r"base64,([^\"]+)", lx.view(train(steps=30)).html)[1]
    with_points = re.search(r"base64,([^\"]+)", seen.html)[1]
    assert with_points != without
    assert with_points == re.search(r"base64,([^\"]+)", lx.view(run).html)[1]


def test_steps_are_those_of_the_run_it_goes_on_from(monkeypatch):
    run = train(steps=10)
    drawn = []
    real = figure.curve_png
    monkeypatch.setattr(figure, "curve_png", lambda h, **o: drawn.append(h) or real(h, **o))
    assert lx.view(train(steps=5, start=run.ts)).text
    steps, values = drawn[0]["loss"]
    assert steps.tolist() == [11, 12, 13, 14, 15] and len(values) == 5


def test_metrics_that_are_nan_throughout_are_a_row():
    history = History(("loss",))
    history.append(np.full((3, 1), np.nan, np.float32))
    assert closing_table(history)[1] == ("loss", "nan", "nan", "nan", "nan")


def test_epochs_are_a_table():
    run = train(epochs=2, validation=points(50, seed=5))
    html = lx.view(run.epochs).html
    assert html.startswith("<table><tr><th>epoch</th><th>step</th><th>loss</th><th>accuracy</th>")
    for row in run.epochs.to_rows():
        assert f"<td>{row['step']}</td><td>{row['loss']:.4g}</td>" in html
        assert f"<td>{row['validation_accuracy']:.4g}</td></tr>" in html


def test_the_closing_line():
    progress = Progress("stopped", 1500, 2000, 100, 10.0, 3.0, "the loss became <nan>\x1b[31m")
    line = closing_line(progress)
    assert line.startswith("stopped, 1,500 of 2,000 steps · 15 epochs · 3.0 s · 500 steps/s · the")
    assert "\x1b" not in line
    assert closing_line(Progress()) == "waiting, 0 of 0 steps"


def test_metric_names_are_escaped():
    run = train(steps=1)
    run._worker.course.records.history = History(("<img src=x onerror=alert(1)>",))
    run.records.append(np.ones((2, 1), np.float32))
    html = lx.view(run).html
    assert "&lt;img src=x" in html and html.count("<img") == 1
    assert closing_table(History(("loss",))) == []


def test_a_comparison_says_yes_or_no():
    run = train(steps=3)
    same, other = lx.compare(run, run.rerun()), lx.compare(run, train(steps=4, seed=9))
    assert lx.view(same).text.startswith("✓ identical to the bit: 3 steps")
    assert "<strong>✓</strong> identical" in lx.view(same).html
    assert lx.view(other).text.startswith("✗ the runs part at step 1: loss")
    assert "params.layer_1.weight differs by up to" in lx.view(other).html
