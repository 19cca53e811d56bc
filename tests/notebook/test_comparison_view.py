"""What is seen of a comparison, a replay and a recipe: words, and one figure of all curves."""

import base64
import re

import pytest

import luxnb as lx
from tests.train.conftest import MLP, points, train

BAD = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture(scope="module")
def runs():
    return train(steps=12), train(steps=12, seed=4), train(steps=12)


def pictures(html):
    return [
        base64.b64decode(found) for found in re.findall(r"data:image/png;base64,([^\"]+)", html)
    ]


def test_identical_runs_are_one_line(runs):
    seen = lx.view(lx.compare(runs[0], runs[2]))
    assert seen.text.startswith("✓ identical to the bit: 12 steps") and "\n" not in seen.text
    assert not pictures(seen.html)


def test_others_are_a_figure_of_both(runs):
    seen = lx.view(lx.compare(*runs[:2]))
    (png,) = pictures(seen.html)
    assert png.startswith(b"\x89PNG") and len(png) < 60_000
    last = [run.history["loss"][-1] for run in runs[:2]]
    assert f"at the end run 1 · seed 3: loss {last[0]:.4g}" in seen.html
    assert f"run 2 · seed 4: loss {last[1]:.4g}" in seen.html
    assert "seed: 3 against 4" in seen.text and "seed: 3 against 4" in seen.html
    assert lx.view(lx.compare(*runs[:2])).html == seen.html


def test_of_several_there_is_one_figure(runs):
    seen = lx.view(lx.compare(*runs))
    assert len(pictures(seen.html)) == 1 and "curves of 3 runs" in seen.html
    assert seen.text.startswith("✗ of 2 runs, 1 is identical to the first")
    assert not pictures(lx.view(lx.compare(runs[0], runs[2], runs[0])).html)


def test_a_recipe_is_a_table_and_its_json(runs):
    recipe = runs[0].recipe
    seen = lx.view(recipe)
    assert "optax.scale_by_adam(b1=0.9" in seen.text and "optax.scale_by_adam(b1=0.9" in seen.html
    assert "&quot;fingerprint&quot;: &quot;" in seen.html and "<script" not in seen.html
    assert str(recipe) == seen.text


def test_whatever_is_in_a_recipe_is_escaped(runs):
    data = runs[0].recipe.to_dict()
    data["model"]["code"] = data["loss"]["name"] = data["environment"]["jax"] = BAD
    data["data"] = {"arrays": {BAD: BAD}, BAD: [BAD]}
    data["metrics"] = {BAD: {"name": BAD}}
    data["optimizer"]["calls"] = {
        "call": BAD,
        "named": {BAD: {"tuple": [BAD]}},
        "positional": [BAD],
    }
    hostile = lx.Recipe(data)
    for value in (hostile, lx.compare(hostile, runs[0].recipe)):
        seen = lx.view(value)
        assert "<script" not in seen.html and "\x1b" not in seen.text


def test_forms_that_nobody_expects(runs):
    data = runs[0].recipe.to_dict()
    for calls in ({"call": 3, "named": [], "positional": 4}, {"call": "x", "named": 5}, {}):
        data["optimizer"]["calls"] = calls
        data["loss"], data["data"] = {"partial": [], "sha256": 3}, {"arrays": [1]}
        assert lx.view(lx.Recipe(data)).text
        assert lx.view(lx.compare(lx.Recipe(data), runs[0].recipe)).text


def test_a_replay(runs):
    seen = lx.view(lx.replay(runs[0].recipe, MLP, points()))
    assert seen.text.startswith("✓ identical to the bit: 12 steps, and the fingerprint")
    assert "<strong>✓</strong> identical" in seen.html
