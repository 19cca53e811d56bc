"""What a person sees of models and Trees: pictures, sums, goals of size and speed."""

import html
import math
import re
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb.display.cards  # noqa: F401  (registers the views)
from luxnb import Chain, Dense, Dropout, Identity, Layer, Mode, Tree, summary, testmode
from luxnb.core.view import view
from luxnb.display.row import table
from luxnb.display.style import STYLE
from luxnb.display.text import text
from luxnb.inspect.fold import fold
from luxnb.inspect.shapes import shapes
from luxnb.inspect.walk import walk
from tests.benchmarks import models
from tests.display.models import ALTERNATING, GPT, LENET, MLP

MODELS = {"mlp": MLP, "lenet": LENET, "gpt": GPT, "alternating": ALTERNATING}


@pytest.mark.parametrize("name", MODELS)
def test_pictures(name, golden):
    picture = view(MODELS[name])
    golden(f"{name}.txt", picture.text + "\n")
    golden(f"{name}.html", picture.html + "\n")


def test_pictures_of_trees(golden):
    params, state = MLP.init(0)
    golden("parameters.txt", view(params).text + "\n")
    golden("state.txt", view(testmode(state)).text + "\n")


@pytest.mark.parametrize("name", MODELS)
def test_what_is_given_looks_as_what_would_be_made(name):
    if name != "gpt":  # too large to make
        model = MODELS[name]
        assert view(model, *model.init(0)) == view(model)


# -- the same sums, from what is printed ----------------------------------------------------------


def printed_rows(text):
    """(depth, repeat, number, elements of printed parameter shapes) of each row of a picture."""
    rows = []
    for line in text.splitlines()[:-1]:
        guides, said = re.fullmatch(r"((?:[│├└ ] )*)(.*)", line).groups()
        if not rows or re.search("[├└]", guides):
            repeat = re.search(r" ×([\d,]+)", said)
            number = re.search(r" {2,}([\d,]+)$", said)
            rows.append([len(guides) // 2, whole(repeat), whole(number, 0), 0])
        for names, sizes in re.findall(r"((?:[\w~]+, )*[\w~]+) f32\[([\d,]*)\]", said):
            if "~" not in names:
                size = math.prod(int(n) for n in sizes.split(",") if n)
                rows[-1][3] += size * len(names.split(","))
    return rows


def whole(match, otherwise=1):
    return int(match[1].replace(",", "")) if match else otherwise


@pytest.mark.parametrize("name", MODELS)
def test_printed_numbers_add_up_to_the_printed_total(name):
    text = view(MODELS[name]).text
    rows = printed_rows(text)
    by_shape, times = 0, []
    for i, (depth, repeat, number, elements) in enumerate(rows):
        times = [*times[:depth], repeat]
        by_shape += elements * math.prod(times)
        below = []
        for inner_depth, _, inner_number, _ in rows[i + 1 :]:
            if inner_depth <= depth:
                break
            if inner_depth == depth + 1:
                below.append(inner_number)
        assert number == repeat * (elements + sum(below))
    total = whole(re.search(r"^Total: ([\d,]+) parameters", text, re.M))
    assert total == rows[0][2] == by_shape


def test_the_totals_are_those_of_closed_formulas():
    dense = [(784, 256), (256, 128), (128, 10)]
    mlp = sum((i + 1) * o for i, o in dense) + 2 * (256 + 128)
    assert view(MLP).text.endswith(f"Total: {mlp:,} parameters (944 kB), plus 768 states (3 kB)")
    block = 769 * 2304 + 2305 * 768 + 769 * 3072 + 3073 * 768
    total = 12 * block + 768 * 32768
    assert view(GPT).text.endswith(f"Total: {total:,} parameters ({total * 4 / 1e6:.0f} MB)")


@pytest.mark.parametrize("name", MODELS)
def test_html_says_all_that_the_text_says(name):
    picture = view(MODELS[name])
    body = html.unescape(re.sub("<[^>]*>", " ", re.sub("<style>.*?</style>", "", picture.html)))
    said = re.findall(r"[^\s()│├└]+", picture.text)
    assert set(said) <= set(re.findall(r"[^\s()]+", body))


# -- goals ----------------------------------------------------------------------------------------


class Affine(Layer):
    """A Dense whose shapes are found quickly."""

    in_dims: int
    out_dims: int

    def init_params(self, key):
        weight = jnp.zeros((self.in_dims, self.out_dims))
        return {"weight": weight, "bias": jnp.zeros(self.out_dims)}


def test_goals_of_size():
    assert len(STYLE.encode()) <= 1500
    gpt = view(GPT)
    assert 120e6 < whole(re.search(r"Total: ([\d,]+)", gpt.text)) < 130e6
    assert len(gpt.html.encode()) <= 6000
    assert len(gpt.text.splitlines()) <= 17
    assert gpt.html.count("×12") == 1 and gpt.html.count("</summary>") == 11
    assert len(view(MLP, *MLP.init(0)).html.encode()) <= 4000
    assert len(view(Chain(*[Dense(8, 8)] * 1000)).html.encode()) <= 3000


def test_goals_of_size_of_known_models():
    gpt = view(models.GPT2)
    assert len(gpt.html.encode()) <= 6000
    assert gpt.html.count("</") <= 200  # elements
    assert len(text(table(fold(walk(models.GPT2))), 100).splitlines()) <= 17
    assert len(view(models.MLP).html.encode()) <= 4000
    x = jax.ShapeDtypeStruct((1, 64), jnp.int32)
    assert len(view(summary(models.GPT2, x)).html.encode()) <= 8000


def test_a_picture_is_drawn_once_of_the_same_layer():
    layer = Chain(Dense(3, 4))
    assert view(layer) is view(layer)
    assert view(Dropout(0)).text != view(Dropout(0.0)).text  # equal, and yet


def test_who_mends_init_sees_it_mended():
    broken = [True]

    class Moody(Layer):
        def init_params(self, key):
            if broken:
                raise RuntimeError("not today")
            return {"w": jnp.zeros(3)}

    layer = Moody()
    assert "not today" in view(layer).text
    broken.clear()
    assert "w f32[3]" in view(layer).text


def test_many_different_layers_are_cut():
    picture = view(Chain(*[Affine(8 + i, 9 + i) for i in range(1100)]))
    size = len(picture.html.encode())
    assert 150_000 < size <= 200_000
    shown = picture.html.count("</summary>")
    assert f"<p>… {1101 - shown:,} more rows</p>" in picture.html
    assert "\n… 101 more rows\nTotal: " in picture.text
    assert picture.html.count("<li>") == picture.html.count("</li>") == shown


def test_many_short_rows_are_cut_at_a_thousand():
    tree = Tree(**{f"a{i}": Tree(**{f"b{i}": 1}) for i in range(1500)})
    assert view(tree).html.count("</summary>") <= 1000
    assert "501 more rows" in view(tree).text


def test_shapes_are_traced_once_for_equal_layers(monkeypatch):
    traced = []
    monkeypatch.setattr(Dense, "init_params", lambda self, key: traced.append(self) or {})
    view(Chain(Dense(3, 5), Dense(5, 3)))
    view(Chain(Dense(3, 5), Dense(5, 3)))
    assert len(traced) == 2


def test_bytes_are_the_same_in_every_process():
    code = (
        "import jax, luxnb as lx, luxnb.display.cards;"
        "from luxnb.core.view import view;"
        "m = lx.Chain(lx.Dense(2, 3, jax.nn.relu), lambda x: x, lx.SkipConnection(lx.Dropout()));"
        "print(view(m, *m.init(0)).html, view(m.init(0)[1]).html)"
    )
    command = [sys.executable, "-c", code]
    one, two = (subprocess.run(command, capture_output=True, check=True) for _ in range(2))
    assert one.stdout == two.stdout != b""


# -- what is seen ---------------------------------------------------------------------------------


def test_no_script_no_background_no_id():
    for model in MODELS.values():
        page = view(model).html
        assert not re.search(r"<script|<link|@import|url\(|\bid=|background:(?!none)", page)


def test_the_view_in_a_cell_and_in_print_is_this_one():
    picture = view(MLP)
    bundle = MLP._repr_mimebundle_()
    assert bundle == {"text/plain": picture.text, "text/html": picture.html}
    assert str(MLP) == picture.text
    assert repr(MLP).startswith("Chain(Dense(784, 256, jax.nn.relu), BatchNorm(256), Dropout(0.2)")


def test_badges_are_no_rows():
    params, state = MLP.init(0)
    text = view(MLP, params, testmode(state)).text
    assert re.search(r"layer_3  Dropout\(0.2\) +\(key, test\)\n", text)
    assert re.search(r"~running_mean, ~running_var f32\[256\] \(test\)\n", text)


def test_faults_are_seen_in_open_rows():
    block = Chain(inner=Chain(Affine(1, 1), Affine(1, 2)), z=Identity())
    model = Chain(*[block] * 40)
    params, _ = shapes(model)
    picture = view(model, params.at["layer_2.inner.layer_1.bias"].set(jnp.ones(7)))
    assert "✗ expected bias f32[1]" in picture.text
    assert "<mark>✗ expected bias f32[1]</mark>" in picture.html
    before = picture.html[: picture.html.index("<mark>")]
    depth = len(re.findall("<details", before)) - before.count("</details>")
    assert len(re.findall(r"<details open>", before)) >= depth - 1 >= 3


def test_what_is_shared_is_said_and_not_counted_again():
    w = jnp.ones((2, 3))
    text = view(Tree(a=Tree(w=w), b=Tree(w=w))).text
    assert re.search(r"├ a +w f32\[2,3\] +6 ", text)
    assert re.search(r"└ b +w shared with a.w\n", text)
    assert text.endswith("Total: 6 elements (24 B)")


def test_a_tree_of_other_things():
    tree = Tree(a=1.5, b="text", c=None, mode=Mode.TRAIN, key=jax.random.key(0), d=(np.ones(2), 3))
    assert view(tree).text.splitlines()[1:] != []
    first = view(tree).text.splitlines()[0]
    assert first.startswith("Tree  a 1.5 b 'text' c None d (f64[2], 3)")


def test_empty_things():
    assert view(Identity()).text == "Identity()\nTotal: 0 parameters"
    assert view(Tree()).text == "Tree\nTotal: 0 elements"


def test_no_value_is_read():
    params, state = MLP.init(0)
    before = view(MLP, params, state)
    jax.tree.map(lambda leaf: leaf.delete(), (params, state))
    assert view(MLP, params, state) == before
    assert "weight f32[784,256]" in view(params).text


def test_inside_of_jit_too():
    seen = []

    @jax.jit
    def look(params):
        seen.append(view(params).text)
        return params

    look(Tree(w=jnp.ones(3)))
    assert seen == ["Tree  w f32[3]" + " " * 59 + "3  12 B\nTotal: 3 elements (12 B)"]


def test_a_view_never_raises_for_what_a_layer_does():
    class Bad(Layer):
        what: object

        def init_params(self, key):
            raise ValueError("no <b>luck</b>")

    class Fails:
        def __repr__(self):
            raise RuntimeError

    picture = view(Bad(Fails()))
    assert picture.text.startswith("Bad(<Fails: repr failed>)")
    assert "✗ init fails: ValueError: no <b>luck</b>" in picture.text
    assert "no &lt;b&gt;luck&lt;/b&gt;" in picture.html
