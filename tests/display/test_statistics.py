"""What a person sees of the numbers in arrays."""

import html
import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb import BatchNorm, Chain, Dense, Dropout, Tree, stats, view
from luxnb.display.brief import FIXED

MODEL = Chain(Dense(300, 256, jax.nn.relu), BatchNorm(256), Dropout(0.2), head=Dense(256, 10))
PARAMS, STATE = MODEL.init(0)
X = np.random.default_rng(0).normal(size=(64, 300)).astype(np.float32)


def unmarked(page):
    body = re.sub("<[^>]*>", " ", re.sub("<style>.*?</style>", "", page, flags=re.DOTALL))
    return html.unescape(body).replace(FIXED, " ")


PICTURES = {
    "array": lambda: view(stats(jnp.arange(10.0))),
    "sampled": lambda: view(stats(PARAMS.layer_1.weight)),
    "tree": lambda: view(stats(PARAMS)),
    "model": lambda: view(stats(MODEL, PARAMS, STATE)),
    "optimiser": lambda: view(stats(optax.adam(1e-3).init(PARAMS))),
    "activations": lambda: view(lx.activations(MODEL, X, PARAMS, STATE)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_html_says_all_that_the_text_says(name):
    picture = PICTURES[name]()
    said = re.findall(r"[^\s()│├└]+", picture.text.replace(FIXED, " "))
    assert set(said) <= set(re.findall(r"[^\s()]+", unmarked(picture.html)))
    assert PICTURES[name]() == picture
    assert not re.search(r"<script|<link|\bid=|url\(", picture.html)


def test_one_array():
    text = view(stats(jnp.array([0.0, 1.0, 2.0, jnp.inf]))).text.replace(FIXED, " ")
    empty = "·" * 11
    assert text.splitlines() == [
        "f32[4]  4 elements",
        f"1.000 ± 0.816  0 █{empty}█{empty[1:]}█ 2, 25 % zero",
        "✗ 1 Inf of 4",
    ]
    sampled = view(stats(np.zeros((300, 300)))).text
    assert re.match(r"f64\[300,300\]  [\d,]+ elements of 90,000, sampled\n≈all 0$", sampled)


@pytest.mark.parametrize(
    "array, lines",
    [
        (np.zeros((0, 3)), ["f64[0,3]  0 elements"]),
        (np.float32(2), ["f32[]  1 element", "all 2"]),
        (np.full(3, np.nan), ["f64[3]  3 elements", "✗ 3 NaN of 3"]),
        (jax.random.split(jax.random.key(0), 3), ["key[3]  3 elements", "random keys"]),
        (jax.ShapeDtypeStruct((2, 3), np.float32), ["f32[2,3]  6 elements", "no values"]),
    ],
)
def test_one_array_without_numbers_to_speak_of(array, lines):
    picture = view(stats(array))
    assert picture.text.replace(FIXED, " ").splitlines() == lines
    assert picture.html.count("<p>") == len(lines)


def test_the_lines_of_a_model():
    lines = view(stats(MODEL, PARAMS, STATE)).text.replace(FIXED, " ").splitlines()
    rows = {line.split()[1]: line for line in lines if " f32[" in line and "│" in line}
    weight = np.asarray(PARAMS.layer_1.weight)
    numbers = re.search(
        r"weight f32\[300,256\] +≈(\S+) ± (\S+) +(\S+) [▁-█·]+ (\S+)", rows["weight"]
    )
    mean, std, low, high = (float(n.replace("−", "-")) for n in numbers.groups())
    assert abs(mean - weight.mean()) < 1e-3 and abs(std - weight.std()) < 1e-3
    assert weight.min() <= low < -0.05 and 0.05 < high <= weight.max() + 1e-4
    assert any("~running_var f32[256] all 1" in line for line in lines)
    assert lines[-1] == "≈ sampled: at most 65,536 elements; with exact=True, all of them"
    exact = view(stats(MODEL, PARAMS, STATE, exact=True)).text
    assert "≈" not in exact


def test_numbers_stand_below_each_other():
    lines = view(stats(MODEL, PARAMS)).text.splitlines()
    spreads = [line.index("±") for line in lines if "±" in line]
    ranges = [re.search("[▁-█]", line).start() for line in lines if "±" in line]
    assert len(spreads) == 4
    assert spreads[0] == spreads[1] and spreads[2] == spreads[3]
    assert len({r - s for r, s in zip(ranges, spreads, strict=True)}) == 1


def test_no_two_spaces_that_a_browser_would_show_as_one():
    params = Tree(a=jnp.arange(3.0), ab=jnp.arange(4.0), abc=jnp.arange(5.0))
    lines = re.findall("<samp>(.*?)</samp>", view(stats(params)).html)
    assert len(lines) == 3 and not any("  " in line for line in lines)
    assert len({line.index("±") for line in lines}) == 1


def test_equal_layers_with_other_numbers_are_not_folded():
    model = Chain(*[Dense(4, 4)] * 6)
    params, state = model.init(0)
    assert "×" not in view(stats(params)).text
    zeros = jax.tree.map(jnp.zeros_like, params)
    assert "layer_1…6" in view(stats(model, zeros, state)).text


def test_what_is_not_finite_is_seen():
    block = Chain(Chain(Dense(2, 2), Dense(2, 2)), Dense(2, 2))
    model = Chain(*[block] * 30)
    params, state = model.init(0)
    bad = params.at["layer_7.layer_1.layer_2.bias"].set(jnp.array([jnp.nan, 1.0]))
    picture = view(stats(model, bad, state))
    assert "✗ bias has 1 NaN of 2" in picture.text
    before = picture.html[: picture.html.index("✗ bias has")]
    assert before.rindex("<details open>") > 0
    outputs = view(lx.activations(model, jnp.ones((3, 2)), bad, state)).text
    assert "✗ the output has 3 NaN of 6" in outputs


def test_activations_tell_their_mode_and_no_total():
    text = view(lx.activations(MODEL, X, PARAMS, STATE)).text.replace(FIXED, " ")
    assert "\nIn train mode" in text and "Total" not in text
    assert re.search(r"→ f32\[64,256\] .*% zero", text.replace("\n", " "))
    mode = view(lx.activations(MODEL, X, PARAMS, lx.testmode(STATE))).text
    assert "\nIn test mode" in mode
    assert "mode" not in view(lx.activations(Dense(300, 2), X, *Dense(300, 2).init(0))).text


def test_shared_frozen_and_random_things_are_as_in_every_tree():
    weight = jnp.ones((2, 3))
    text = view(stats(Tree(a=Tree(w=weight), b=Tree(w=weight), key=jax.random.key(0)))).text
    assert "w f32[2,3] all 1" in text and "shared with a.w" in text and "(key)" in text
    assert text.endswith("Total: 6 elements (24 B)")
    frozen = lx.Frozen(Dense(2, 3))
    assert "frozen" in view(stats(frozen, *frozen.init(0))).text


HOSTILE = ["<img src=x onerror=alert(1)>", "</details>", "[red]x[/red]", "a\x1b[31mb", "\u202egnp"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name):
    picture = view(stats({name: {name: np.arange(4.0)}}))
    assert "<img" not in picture.html and "\x1b" not in picture.text
    assert picture.html.count("</details>") == picture.html.count("<details")
    assert "\u202e" not in picture.text + picture.html
    assert "1.50 ± 1.12" in picture.text.replace(FIXED, " ")


def test_a_view_looks_at_no_array():
    params = jax.tree.map(lambda leaf: leaf + 0, PARAMS)
    found = stats(params)
    before = view(found)
    jax.tree.map(lambda leaf: leaf.delete(), params)
    assert view(found) == before
    assert "deleted" in view(stats(params)).text


def test_in_a_cell_and_in_print():
    found = stats(PARAMS)
    assert str(found) == view(found).text
    assert found._repr_mimebundle_()["text/html"] == view(found).html
    assert repr(found) == "<StatisticsTree of 6 arrays>"
    assert repr(stats(jnp.ones(3))) == "<Statistics of f32[3]>"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_width(width, monkeypatch):
    monkeypatch.setattr("luxnb.display.cards.terminal_width", lambda: width)
    monkeypatch.setattr("luxnb.display.statistics.terminal_width", lambda: width)
    for found in (stats(MODEL, PARAMS, STATE), lx.activations(MODEL, X, PARAMS, STATE)):
        text = view(found).text
        assert max(map(len, text.splitlines())) <= width
        assert text.count("±") >= 4


BROKEN = """(() => {
    const broken = [], range = document.createRange();
    const walker = document.createTreeWalker(document.querySelector('ul'), NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());)
        for (const {0: word, index} of node.data.matchAll(/[^\\s,;]+/g)) {
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            const tops = [...range.getClientRects()].map(line => Math.round(line.top));
            if (new Set(tops).size > 1) broken.push(word);
        }
    return broken;
})()"""


@pytest.mark.parametrize("width", [400, 500, 700, 1000])
def test_in_a_page_of_any_width_no_number_of_an_output_is_broken(browser, width):
    page = browser.new_page(viewport={"width": width, "height": 600})
    page.set_content(view(lx.activations(MODEL, X, PARAMS, STATE)).html)
    lines = page.locator("summary", has_text="→")
    assert lines.count() == 5 and page.evaluate(BROKEN) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
