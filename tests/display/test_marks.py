"""Differences, and whatever else is noted of a place: frozen, copies, shared over devices."""

import dataclasses
import os
import re
import subprocess
import sys

import jax
import jax.numpy as jnp
import pytest

from luxnb import (
    Chain,
    Dense,
    Dropout,
    Frozen,
    Function,
    Identity,
    Layer,
    LayerNorm,
    RMSNorm,
    Stacked,
    Tree,
    cast,
)
from luxnb.core.view import view
from luxnb.display.cards import card
from luxnb.display.config import config
from luxnb.display.html import html
from luxnb.display.row import table
from luxnb.display.text import text
from luxnb.inspect.count import Tally, change, tally
from luxnb.inspect.fold import fold
from luxnb.inspect.node import Cost, Node, Noted
from tests.display.test_html import RGB, contrast


def f32(*shape):
    return jax.ShapeDtypeStruct(shape, jnp.float32)


def node(name, layer, **rest):
    return Node(name, name, layer, **rest)


def dense(name, width=8, **rest):
    params = {"weight": f32(width, width), "bias": f32(width)}
    return node(name, Dense(width, width), params=params, **rest)


def changed(old, new):
    return Noted(new, mark="~", before=old)


WIDENED = node(
    "layer_3",
    Dense(784, 512, jax.nn.relu),
    params={"weight": changed(f32(784, 256), f32(784, 512)), "bias": changed(f32(256), f32(512))},
    mark="~",
    before=node(
        "layer_3",
        Dense(784, 256, jax.nn.relu),
        params={"weight": f32(784, 256), "bias": f32(256)},
        cost=Cost(1_000_000, 1000),
    ),
    cost=Cost(2_000_000, 2000),
    output=changed(f32(4, 256), f32(4, 512)),
)
NORM = node(
    "norm",
    RMSNorm(256),
    params={"scale": f32(256), "bias": Noted(f32(256), mark="−")},
    mark="~",
    before=node("norm", LayerNorm(256), params={"scale": f32(256), "bias": f32(256)}),
)
DIFFERENCE = Node(
    "",
    "",
    Chain(Identity()),
    children=(
        *map(dense, ("layer_1", "layer_2")),
        WIDENED,
        node("block", Chain(Identity()), children=(dense("first", 2), NORM)),
        dense("extra", 3, mark="+", cost=Cost(24, 16)),
        dense("gone", 100, mark="−", cost=Cost(1_500_000, 16)),
        *(dense(f"layer_{i}") for i in range(4, 9)),
    ),
)


def test_picture_of_a_difference(golden):
    picture = card(DIFFERENCE)
    golden("marks.txt", picture.text + "\n")
    golden("marks.html", picture.html + "\n")


def test_sums_of_a_difference_are_those_of_what_is_there_now():
    dense_8, gone = 7 * (64 + 8), 100 * 100 + 100
    now = dense_8 + 785 * 512 + (4 + 2) + 256 + (9 + 3)
    then = dense_8 + 785 * 256 + (4 + 2) + 2 * 256 + gone
    assert tally(DIFFERENCE).parameters == now
    assert change(DIFFERENCE).parameters == now - then
    assert change(DIFFERENCE).flops == 1_000_000 + 24 - 1_500_000
    said = card(DIFFERENCE).text
    share = f"{100 * (now - then) / then:.0f} %"
    assert f"Total: {now:,} parameters" in said and f"; +{now - then:,} (+{share})" in said


def test_changes_follow_repeats_and_entries_tell_where_no_layer_was_before():
    grown = node("a", None, params={"x": changed(f32(2), f32(5)), "y": Noted(f32(7), mark="+")})
    assert change(grown).parameters == 3 + 7
    assert change(dataclasses.replace(grown, repeat=4)) == Tally(40, 160)
    assert change(dataclasses.replace(dense("b", 2, mark="−"), repeat=2)) == Tally(-12, -48)


def test_what_is_unchanged_is_one_row_and_what_changed_is_open():
    said = card(DIFFERENCE).text
    assert "… 2 unchanged" in said and "… 5 unchanged" in said and "layer_4" not in said
    assert re.search(r"\n  │ ├ first  Dense\(2 => 2\)\n", said)  # alone: as short as a count
    written = card(DIFFERENCE).html
    assert written.count("<details") - written.count("<details open>") == 7  # those without rows


def test_each_change_has_its_sign():
    lines = card(DIFFERENCE).text.splitlines()
    signs = {line[0]: line.strip("+−~ │├└").split()[0] for line in lines if line[0] in "+−"}
    assert signs == {"+": "extra", "−": "gone"}
    tilde = [line.strip("~ │├└").split()[0] for line in lines if line[0] == "~"]
    assert tilde == ["layer_3", "norm"]
    assert "+200,960" in card(DIFFERENCE).text and "−10,100" in card(DIFFERENCE).text


def test_entries_say_what_they_were():
    said = text(table(DIFFERENCE), 120)
    assert "weight f32[784,256] → f32[784,512]" in said
    assert re.search(r"norm +LayerNorm\(256\) → RMSNorm\(256\) +scale, −bias f32\[256\]", said)
    assert "Dense(784 => 256 → 512, relu)" in said
    assert "f32[4,256] → f32[4,512]" in said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (Dense(2, 3), Dense(2, 3, jax.nn.relu), "Dense(2 => 3, identity → relu)"),
        (Dropout(0.1), Dropout(0.2), "Dropout(0.1 → 0.2)"),
        (Dense(2, 3), Dense(4, 3, use_bias=False), "Dense(2 → 4 => 3, use_bias=True → False)"),
        (Dense(2, 3), Dense(2, 3), "Dense(2 => 3)"),
        (Chain(Identity()), Chain(Dropout()), "Chain"),
        (Dense(2, 3), Dropout(0.2), "Dense(2 => 3) → Dropout(0.2)"),
    ],
)
def test_a_title_says_what_changed(before, after, said):
    assert config(after, before) == said


def test_notes_stand_after_the_shape():
    root = node(
        "", None, params={"a": Noted(f32(3), "0.1 ± 0.2 ▁▃▇"), "b": Noted(f32(3), "mean 4")}
    )
    assert "a f32[3] 0.1 ± 0.2 ▁▃▇ b f32[3] mean 4" in text(table(root), 120)


def test_marks_have_contrast_and_stand_left_of_the_tree(browser):
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    for ground, ink in (("#ffffff", "#000000"), ("#111111", "#ffffff")):
        page.set_content(f"<body style='background:{ground};color:{ink}'>{card(DIFFERENCE).html}")
        back = [int(ground[i : i + 2], 16) for i in (1, 3, 5)]
        marks = page.query_selector_all("i")
        assert [mark.inner_text() for mark in marks] == ["~", "~", "+", "−"]
        colours = [mark.evaluate(RGB) for mark in marks]
        assert all(contrast(colour, back) >= 4.5 for colour in colours)
        assert len(set(map(tuple, colours))) == 3
        for muted in page.query_selector_all("small,div>div,p,mark"):
            assert contrast(muted.evaluate(RGB), back) >= 4.5
        lefts = page.evaluate(
            "[...document.querySelectorAll('i')].map(e => e.getBoundingClientRect().x)"
        )
        names = page.evaluate(
            "[...document.querySelectorAll('b')].map(e => e.getBoundingClientRect().x)"
        )
        assert len(set(lefts)) == 1 and lefts[0] < min(names)
    page.close()


# -- what else is noted ---------------------------------------------------------------------------


def test_what_is_frozen_stands_with_its_layer_and_is_counted_apart():
    model = Frozen(Chain(Dense(4, 4), Dense(4, 2)), ("layer_1", "layer_2.bias"))
    said = view(model, *model.init(0)).text
    assert re.search(
        r"layer_1 +Dense\(4 => 4\) +weight f32\[4,4\] bias f32\[4\] \(20 frozen\)\n", said
    )
    assert re.search(
        r"layer_2 +Dense\(4 => 2\) +weight f32\[4,2\] bias f32\[2\] \(2 frozen\) +8\n", said
    )
    assert "Total: 8 parameters (32 B), plus 22 frozen (88 B)" in said
    assert "~" not in said
    assert view(model).text == said


def test_a_state_named_frozen_that_is_something_else_stays_where_it_is():
    class Ice(Layer):
        inner: Layer = Dense(2, 2)

        def init_state(self, key):
            return {"frozen": {"elsewhere": {"w": jnp.zeros(3)}}}

    said = view(Ice()).text
    assert re.search(r"└ frozen.*\n +└ elsewhere +~w f32\[3\]", said)


def test_copies_are_said():
    said = view(Chain(Stacked(Chain(Dense(4, 4), Dropout(0.1)), 12), Dense(4, 4))).text
    assert re.search(r"└ layer  Chain +\(12 copies\) +240\n", said)
    assert said.count("copies") == 1
    assert "copies" not in view(Frozen(Dense(2, 2))).text


def test_dtypes_are_told_apart_in_the_total():
    params, _ = Chain(Dense(8, 8), Dense(8, 2)).init(0)
    mixed = params.at["layer_2"].apply(lambda p: cast(p, jnp.bfloat16))
    said = view(Chain(Dense(8, 8), Dense(8, 2)), mixed).text
    assert said.endswith("Total: 90 parameters (324 B), of them 18 bf16")
    assert "of them" not in view(Chain(Dense(8, 8), Dense(8, 2)), params).text


def test_parameters_and_state_that_are_exchanged_are_one_fault():
    model = Chain(Dense(2, 3), Dropout(0.5))
    params, state = model.init(0)
    said = view(model, state, params).text
    assert said.count("✗") == 1 and "✗ parameters and state are exchanged" in said
    assert "weight f32[2,3]" in said and "(key, train)" in said


def test_what_is_missing_is_one_fault():
    model = Chain(Dense(2, 3), Dense(3, 3))
    params, state = model.init(0)
    picture = view(model, params.at["layer_1"].set({"wait": jnp.ones(2)}), state)
    assert "✗ missing weight f32[2,3], bias f32[3]\n" in picture.text
    assert "✗ unexpected wait\n" in picture.text
    assert picture.html.count("<mark>") == 2


def test_empty_entries_of_a_state_say_so():
    state = Tree(a=Tree(), b=Tree(key=jax.random.key(0)), c1=Tree(), c2=Tree())
    said = view(state).text
    assert re.search(r"├ a +\(empty\)\n", said) and re.search(r"└ c1…2 +×2 +\(empty\)\n", said)


def test_remarks_are_said_once():
    root = node("", Function(jnp.tanh), remarks=("called twice", "a <b>"))
    assert card(root).text.startswith("Function(tanh)  (called twice, a <b>)\n")
    assert "<small>called twice, a &lt;b&gt;</small>" in card(root).html


def test_how_arrays_lie_on_devices():
    code = """if True:
        import jax, jax.numpy as jnp, luxnb as lx
        from jax.sharding import NamedSharding, PartitionSpec as P
        mesh = jax.make_mesh((4,), ("data",))
        model = lx.Chain(lx.Dense(8, 16), lx.Dense(16, 4))
        params, state = model.init(0)
        cut, whole = NamedSharding(mesh, P("data", None)), NamedSharding(mesh, P())
        params = jax.device_put(params, whole)
        print(lx.view(model, params, state).text)
        params = params.at["layer_1.weight"].apply(lambda w: jax.device_put(w, cut))
        print(lx.view(model, params, state).text)
    """
    flag = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | flag,
        capture_output=True,
        text=True,
        check=True,
    )
    whole, cut = run.stdout.split("Total:")[0], run.stdout.split("Total:")[1:]
    assert "P(" not in whole and "device" not in cut[0].splitlines()[1:2]
    assert "weight f32[8,16] P('data', None) bias f32[16]" in run.stdout
    # (8 · 16 / 4 + 16 + 16 · 4 + 4) · 4 bytes
    assert run.stdout.endswith("On each device: 464 B\n")
    assert run.stdout.count("On each device") == 1


def test_differences_of_equal_blocks_fold():
    block = node("block_1", Chain(Identity()), children=(WIDENED,))
    again = dataclasses.replace(block, name="block_2", path="block_2")
    root = fold(Node("", "", Chain(Identity()), children=(block, again)))
    said = text(table(root), 100)
    assert "block_1…2  Chain ×2" in said and "+401,920" in said
    assert "×2" in html(table(root))
