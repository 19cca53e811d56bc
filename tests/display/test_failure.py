"""A call that failed, in a terminal and in a cell: short, around the fault, the same in both."""

import html
import re
import subprocess
import sys
from html.parser import HTMLParser

import jax
import jax.numpy as jnp
import pytest

import luxnb as lx
from luxnb.core.errors import Failure
from luxnb.core.view import view
from luxnb.display.failure import MOST_LINES
from tests.display.models import BLOCK
from tests.inspect.wrong_calls import CASES, X, run

MANY = lx.Tree.of({f"entry_{i}": jnp.ones(2) for i in range(300)})


def seen(call):
    with pytest.raises(Exception) as info:
        call()
    return view(info.value.luxnb_failure)


def abstract(model, x):
    params, state = jax.eval_shape(model.init, jax.random.key(0))
    jax.eval_shape(model, jax.ShapeDtypeStruct(x, jnp.float32), params, state)


LARGE = lx.Chain(
    *[BLOCK] * 5,
    bad=lx.Chain(attention=lx.SkipConnection(lx.Chain(lx.Dense(768, 96), lx.Dense(97, 768)))),
    **{f"after_{i}": BLOCK for i in range(6)},
    head=lx.Dense(768, 50, use_bias=False),
)
UNLIKE = lx.Chain([lx.Dense(4, 4)] * 8, [lx.Dense(4, i) for i in range(5, 65)])


@pytest.mark.parametrize("name", ["features", "misspelt", "exchanged", "product", "init"])
def test_pictures(name, golden):
    picture = seen(CASES[name])
    golden(f"failure_{name}.txt", picture.text + "\n")


def test_a_large_model_is_shown_around_the_fault(golden):
    golden("failure_large.txt", seen(lambda: abstract(LARGE, (1, 8, 768))).text + "\n")
    golden("failure_unlike.txt", seen(lambda: abstract(UNLIKE, (2, 4))).text + "\n")


@pytest.mark.parametrize("name", CASES)
def test_it_is_short(name):
    picture = seen(CASES[name])
    lines = picture.text.splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= 80
    assert len(picture.html.encode()) <= 10_000
    assert "✗" in picture.text


@pytest.mark.parametrize(
    "call", [lambda: abstract(LARGE, (1, 8, 768)), lambda: abstract(UNLIKE, (2, 4))]
)
def test_so_is_a_large_model(call):
    picture = seen(call)
    assert len(picture.text.splitlines()) <= MOST_LINES
    assert len(picture.html.encode()) <= 10_000


def test_a_thousand_misfits_are_short():
    model = lx.Chain([lx.Dense(4, 4)] * 300)
    params, state = jax.eval_shape(model.init, jax.random.key(0))
    wrong = jax.tree.map(lambda array: jnp.ones((*array.shape, 2)), params)
    picture = seen(lambda: model(X, wrong, state))
    assert len(picture.text.splitlines()) <= MOST_LINES
    assert len(picture.html.encode()) <= 10_000
    assert "parameters: and 597 more" in picture.text


@pytest.mark.parametrize(
    ("params", "state", "said"),
    [
        (lambda ps: {"layer_1": ps.layer_1}, lambda st: {}, "no parameters for layer_2, layer_3, "),
        (lambda ps: ps, lambda st: {"layer_1": {}}, "✗ no state for layer_2, layer_3, "),
        (lambda ps: ps.replace(layer_1=MANY), lambda st: st, "layer_1.weight f32[4,4] is missing"),
        (lambda ps: {**ps, **MANY}, lambda st: {}, "entry_0 is nothing that the model has"),
    ],
)
def test_so_is_whatever_many_things_are_wrong_with(params, state, said):
    model = lx.Chain([lx.Dense(4, 4)] * 60)
    ps, st = model.init(0)
    picture = seen(lambda: model(X, params(ps), state(st)))
    assert said in picture.text
    assert re.search(r"\d+\W+more", picture.text)  # on one line or two
    assert len(picture.text.splitlines()) <= MOST_LINES
    assert len(picture.html.encode()) <= 10_000


def words(picture):
    """What both faces say, without how it is set."""
    page = re.sub(r"<style>.*?</style>|<[^>]*>", " ", picture.html)
    return [
        sorted(set(re.findall(r"[\w.]+(?:\[[\d,]*\])?", text)))
        for text in (html.unescape(page), picture.text)
    ]


@pytest.mark.parametrize("name", CASES)
def test_text_and_html_say_the_same(name):
    page, text = words(seen(CASES[name]))
    assert set(text) <= set(page)
    # The page has paths and shares of the total besides, to be seen when a row is opened.
    extra = [
        word for word in set(page) - set(text) if not re.fullmatch(r"[\d.,]+|k?B|layer.*", word)
    ]
    assert all("." in word or word in ("body", "cell", "head", "a", "b") for word in extra), extra


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_same_each_time(name):
    failures = [seen(CASES[name]) for _ in range(2)]
    assert failures[0] == failures[1]
    assert not re.search(r"0x[0-9a-f]{4}|ipykernel", failures[0].html)


class Ways(HTMLParser):
    """Notes for each `<mark>` whether the `<details>` around it are open."""

    def __init__(self, page):
        super().__init__()
        self.open, self.found = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "details":
            self.open.append("open" in dict(attrs))
        if tag == "mark":
            self.found.append(self.open[:-1])  # the last is the row's own, with nothing to open

    def handle_endtag(self, tag):
        if tag == "details":
            self.open.pop()


def test_the_way_to_the_fault_is_open():
    picture = seen(lambda: abstract(LARGE, (1, 8, 768)))
    assert Ways(picture.html).found == [[True] * 4]


def test_hostile_messages_are_only_read():
    class Hostile(lx.Layer):
        def forward(self, x, ps, st):
            raise ValueError("<script>alert(1)</script>\u202e\x1b[31m [link=x]y[/link] key<fry>")

    picture = seen(lambda: run(lx.Chain(Hostile())))
    assert "<script" not in picture.html
    assert "\x1b" not in picture.text + picture.html
    assert "\u202e" not in picture.text + picture.html
    assert "[link=x]y[/link] key<fry>" in picture.text
    assert "[link=x]y[/link] key&lt;fry&gt;" in picture.html


def test_a_picture_that_cannot_be_made_leaves_the_line(monkeypatch):
    monkeypatch.setattr("luxnb.display.failure.failed", lambda failure: 1 / 0)
    with pytest.raises(ValueError, match="expected x") as info:
        CASES["features"]()
    (note,) = [note for note in info.value.__notes__ if "given x" in note]
    assert str(note) == "at layer_3: Dense(9, 1) was given x: f32[2,8]"
    assert isinstance(info.value.luxnb_failure, Failure)
    assert "no view: ZeroDivisionError" in str(info.value.luxnb_failure)


# -- in a script ----------------------------------------------------------------------------------

SCRIPT = """
import jax.numpy as jnp
import luxnb as lx

model = lx.Chain(lx.Dense(4, 8), lx.Dense(9, 1))
params, state = model.init(0)
model(jnp.ones((2, 4)), params, state)
"""


def test_a_script_ends_with_the_tree(tmp_path):
    file = tmp_path / "train.py"
    file.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.returncode == 1
    message, *tree = done.stderr[done.stderr.index("\nValueError: ") + 1 :].splitlines()
    assert message == "ValueError: expected x of shape (…, 9), in_dims = 9; got f32[2,8]"
    place, root, ran, failed, *fault = tree
    assert place == "at layer_2: Dense(9, 1) was given x: f32[2,8]"
    assert root.split() == ["Chain", "50"]
    assert ran.split()[-2:] == ["f32[2,8]", "40"]
    assert failed.split()[:2] == ["└", "layer_2"]
    assert " ".join("".join(fault).split()) == (
        "✗ expected x of shape (…, 9), in_dims = 9; got f32[2,8] (output of layer_1)"
    )
    assert done.stdout == ""
