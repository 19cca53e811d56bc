"""What layers return and cost, in columns, in terminals and pages of any width."""

import dataclasses
import html
import re

import jax
import jax.numpy as jnp
import pytest
from rich.cells import cell_len

from luxnb import BatchNorm, Chain, Dense, Dropout
from luxnb.display.cards import card
from luxnb.display.row import table
from luxnb.display.text import text
from luxnb.inspect.node import Cost
from luxnb.inspect.walk import walk

MODEL = Chain(Dense(784, 256, jax.nn.relu), BatchNorm(256), Dropout(0.2), Dense(256, 10))
OUTPUTS = [(4, 256), (4, 256), (4, 256), (4, 10)]
FLOPS = [2 * 4 * 784 * 256, 4 * 4 * 256, 0, 2 * 4 * 256 * 10]


def costed(backward=False):
    """MODEL with what it returns and costs; numbers of our own, to be found again."""
    root = walk(MODEL)
    costs = [
        Cost(flops, 16 * shape[1], *((2 * flops, 8 * shape[1]) if backward else ()))
        for flops, shape in zip(FLOPS, OUTPUTS, strict=True)
    ]
    children = tuple(
        dataclasses.replace(child, output=jax.ShapeDtypeStruct(shape, jnp.float32), cost=cost)
        for child, shape, cost in zip(root.children, OUTPUTS, costs, strict=True)
    )
    output = jax.ShapeDtypeStruct(OUTPUTS[-1], jnp.float32)
    return dataclasses.replace(root, children=children, output=output, cost=Cost())


def drawn(node, width):
    return text(table(node), width)


def test_pictures(golden):
    for width in (40, 80, 120):
        golden(f"costs_{width}.txt", drawn(costed(backward=True), width) + "\n")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
def test_all_is_said_at_any_width(width):
    lines = drawn(costed(backward=True), width).splitlines()
    assert max(map(cell_len, lines)) <= width
    said = re.sub(r"[\s│├└]", "", "".join(lines))
    words = [
        "→f32[4,256]",
        "200,960",
        "1.61MFLOP",
        "3.21MFLOP",
        "4kB",
        "weightf32[784,256]",
        "204,042",
    ]
    assert [word for word in words if word not in said] == []


def test_cells_stand_in_columns_under_their_headings():
    heading, *rows = drawn(costed(), 120).splitlines()
    assert heading.split() == ["output", "parameters", "operations", "memory"]
    rows = [row for row in rows if "→" in row]
    assert len(rows) == 5
    assert {row.index("→") for row in rows} == {heading.index("output")}
    assert {len(row) for row in rows} == {len(heading)} == {120}


def test_sums_are_of_all_that_is_below():
    said = drawn(costed(backward=True), 120).splitlines()[1]
    flops = sum(FLOPS)
    assert "204,042" in said
    assert f"{flops / 1e6:.2f} MFLOP" in said and f"{2 * flops / 1e6:.2f} MFLOP" in said
    assert "12 kB" in said  # 3 · 16 · 256 + 16 · 10 bytes
    assert said.endswith("6 kB")  # 3 · 8 · 256 + 8 · 10 bytes


def test_sums_follow_repeats():
    block = dataclasses.replace(costed(), repeat=3, last="layer_3", name="layer_1", path="layer_1")
    root = dataclasses.replace(costed(), children=(block,))
    first = drawn(root, 120).splitlines()[1]
    assert "612,126" in first and f"{3 * sum(FLOPS) / 1e6:.2f} MFLOP" in first


def test_columns_are_there_only_where_something_is_known():
    assert drawn(walk(MODEL), 120).splitlines()[0].split() == ["Chain", "204,042"]
    assert "backward" not in drawn(costed(), 120) and "kept" not in drawn(costed(), 120)


def test_a_pytree_of_outputs_is_said_in_brief():
    shape = jax.ShapeDtypeStruct((2, 3), jnp.float32)
    said = drawn(dataclasses.replace(walk(MODEL), output=(shape, {"a": shape})), 120)
    assert "→ (f32[2,3], {a: f32[2,3]})" in said
    many = drawn(dataclasses.replace(walk(MODEL), output=[shape] * 50), 120)
    assert re.search(r"→ \(f32\[2,3\], f32\[2,3\], .*… ", many)


def test_equal_neighbours_with_other_outputs_are_not_folded():
    layer = Chain(Dense(2, 2), Dense(2, 2))
    root = walk(layer)
    shapes = (jax.ShapeDtypeStruct((n, 2), jnp.float32) for n in (8, 4))
    children = tuple(
        dataclasses.replace(child, output=shape)
        for child, shape in zip(root.children, shapes, strict=True)
    )
    assert "layer_1…2" in card(root).text
    said = card(dataclasses.replace(root, children=children)).text
    assert "→ f32[8,2]" in said and "→ f32[4,2]" in said


def test_html_says_all_that_the_text_says():
    picture = card(costed(backward=True), ("something more",))
    body = html.unescape(re.sub("<[^>]*>", " ", re.sub("<style>.*?</style>", "", picture.html)))
    said = set(re.findall(r"[^\s()│├└]+", drawn(costed(backward=True), 120)))
    assert said <= set(re.findall(r"[^\s()]+", body))
    assert "something more" in picture.text and "<p>something more</p>" in picture.html


@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


EDGES = """[...document.querySelectorAll('summary>:nth-child(n+2):last-child')]
  .map(e => Math.round(e.getBoundingClientRect().right))"""


@pytest.mark.parametrize("width", [400, 500, 800, 1000, 1400])
def test_in_a_page_of_any_width_nothing_runs_over(page, width):
    page.set_viewport_size({"width": width, "height": 600})
    # Each on a page with a wider and a narrower tree, which share their styles.
    trees = [card(node).html for node in (costed(backward=True), walk(MODEL), costed())]
    page.set_content("".join(trees))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    over = "[...document.querySelectorAll('.lx *')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    assert page.evaluate(f"{over}.map(e => e.outerHTML)") == []
    for tree in trees:
        page.set_content(tree)
        assert len(set(page.evaluate(EDGES))) == 1


def test_words_are_beside_names_where_there_is_room_and_below_where_not(page):
    page.set_content(card(costed()).html + card(walk(MODEL)).html)
    places = """[...document.querySelectorAll('.lx')].map(tree => {
        const row = [...tree.querySelectorAll('summary')][1];
        const top = e => e.getBoundingClientRect().y;
        return Math.round(top(row.querySelector('samp')) - top(row.querySelector('b')));
    })"""
    page.set_viewport_size({"width": 1200, "height": 600})
    assert page.evaluate(places) == [0, 0]
    page.set_viewport_size({"width": 800, "height": 600})
    below, beside = page.evaluate(places)
    assert below > 10 and beside == 0
    page.set_viewport_size({"width": 400, "height": 600})
    assert min(page.evaluate(places)) > 10
