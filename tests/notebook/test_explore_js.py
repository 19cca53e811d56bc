"""The explorer in a page, in Chromium without Jupyter: where it stands, and its tree."""

import json
from itertools import chain

import pytest

from tests.notebook.blank_page import STATIC
from tests.notebook.explore_page import DENSE, HOME, MARKER, MLP, detail, row

# -- how it comes to stand in the page ---------------------------------------------------------


def test_the_script_and_its_style_are_small():
    sizes = [(STATIC / name).stat().st_size for name in ("explore.js", "explore.css")]
    assert sizes[0] <= 25_000 and sizes[1] <= 8_500


def test_it_says_hello_and_asks_nobody_else_for_anything(explorer):
    requests = []
    explorer.page.on("request", lambda request: requests.append(request.url))
    explorer.load()
    assert [m["type"] for m in explorer.sent()] == ["hello"]
    explorer.tell(MLP, DENSE)
    assert [url for url in requests if not url.startswith("blob:")] == []


def test_it_stands_beside_the_static_tree_which_comes_back_when_it_goes(mlp):
    static = mlp.page.locator(f".{MARKER}")
    assert static.count() == 1 and not static.is_visible()
    assert mlp.page.locator(f".{MARKER} + .luxnb-explore").is_visible()
    mlp.page.evaluate("unmount()")
    assert static.is_visible() and mlp.page.locator(".luxnb-explore").count() == 0


def test_an_output_that_is_rendered_anew_gets_it_again(mlp):
    mlp.page.evaluate("html => { document.querySelector('.jp-OutputArea').innerHTML = html }", HOME)
    mlp.settle()
    assert mlp.page.locator(".luxnb-explore").count() == 1
    assert mlp.row("layer_1").get_attribute("aria-selected") == "true"
    assert mlp.field("out_dims").input_value() == "256"


def test_an_output_that_comes_after_the_model_gets_it(explorer):
    explorer.load(homes="").tell(MLP)
    assert explorer.page.locator(".luxnb-explore").count() == 0
    explorer.page.evaluate("html => { document.body.insertAdjacentHTML('beforeend', html) }", HOME)
    explorer.settle()
    assert explorer.rows() == [row["name"] for row in MLP]


def test_two_views_show_the_same(explorer):
    explorer.load(homes=HOME + HOME).tell(MLP, DENSE)
    views = explorer.page.locator(".luxnb-explore")
    assert views.count() == 2
    views.nth(0).get_by_role("searchbox").fill("dropout")
    explorer.settle()
    texts = [views.nth(i).locator(".tree").inner_text() for i in (0, 1)]
    assert texts[0] == texts[1] and "Dropout" in texts[0] and "BatchNorm" not in texts[0]
    assert views.nth(1).get_by_role("searchbox").input_value() == "dropout"


def test_another_explorer_on_the_page_is_left_alone(explorer):
    other = HOME.replace(MARKER, "lx-explorer-2")
    explorer.load(homes=HOME + other).tell(MLP)
    assert explorer.page.locator(".luxnb-explore").count() == 1
    assert explorer.page.locator(".lx-explorer-2").is_visible()


def test_an_ordinary_widget_view_shows_it_too(explorer):
    explorer.load(homes="")
    explorer.page.evaluate(
        "() => { const el = document.body.appendChild(document.createElement('div'));"
        " window.remove = widget.render({ model, el }); }"
    )
    explorer.settle()
    assert explorer.page.locator(".luxnb-explore").is_visible() and explorer.rows() == []
    explorer.tell(MLP)
    assert explorer.rows() == [row["name"] for row in MLP]
    explorer.page.evaluate("remove()")
    assert explorer.page.locator(".luxnb-explore").count() == 0 and explorer.errors() == []


def test_without_a_kernel_it_can_be_read_but_not_edited(mlp):
    mlp.page.evaluate("heard.comm_live_update()")
    mlp.settle()
    assert "run the cell again" in mlp.page.locator("footer").inner_text()
    assert mlp.field("out_dims").is_disabled() and mlp.button("Remove").is_disabled()
    before = len(mlp.sent())
    mlp.row("layer_1").focus()
    mlp.press("Delete", "Control+z")
    assert len(mlp.sent()) == before
    assert not mlp.button("Copy code").is_disabled()


def test_a_kernel_that_does_not_answer_is_spoken_of(mlp):
    waiting = (
        "() => { const style = getComputedStyle(document.querySelector('footer'), '::before');"
        " return style.content.includes('Waiting for the kernel') && style.visibility; }"
    )
    assert mlp.page.evaluate(waiting) is False
    mlp.button("Remove").click()
    mlp.settle()
    assert mlp.page.evaluate(waiting) == "hidden"  # it takes a while to be worth a word
    mlp.page.wait_for_function(f"({waiting})() === 'visible'", timeout=4000)
    mlp.tell(MLP, DENSE, note="removed")
    assert mlp.page.evaluate(waiting) is False
    assert mlp.page.locator(".note").inner_text() == "removed"


def test_an_answer_that_was_overtaken_is_ignored(mlp):
    mlp.seq = 10
    mlp.tell(MLP[:3])
    mlp.seq = 5
    mlp.tell(MLP)
    assert mlp.rows() == ["model", "layer_1", "layer_2"]


def test_a_detail_of_a_layer_that_was_passed_by_is_ignored(mlp):
    mlp.row("layer_2").click()
    mlp.say(DENSE)
    assert mlp.row("layer_2").get_attribute("aria-selected") == "true"
    mlp.say(detail("layer_2", "BatchNorm(256)"))
    assert mlp.page.locator(".pane .title").inner_text() == "BatchNorm(256)"


def test_the_notebooks_own_keys_are_left_alone(mlp):
    mlp.page.evaluate(
        "() => { window.leaked = []; for (const name of ['keydown', 'click', 'contextmenu'])"
        " document.body.addEventListener(name, () => leaked.push(name)); }"
    )
    mlp.row("layer_1").click()
    mlp.row("layer_1").click(button="right")
    mlp.press("d", "d")
    assert mlp.page.evaluate("leaked") == []
    assert mlp.page.locator(".luxnb-explore").get_attribute("data-lm-suppress-shortcuts") == "true"


# -- the tree ------------------------------------------------------------------------------------


def test_columns_are_aligned(mlp):
    edges = mlp.page.evaluate(
        """() => [...document.querySelectorAll(".tree .row")].map((row) =>
            [...row.children].slice(1, 4)
                .map((cell) => Math.round(cell.getBoundingClientRect().right)))"""
    )
    heads = mlp.page.evaluate(
        """() => [...document.querySelector(".head").children].slice(1)
            .map((cell) => Math.round(cell.getBoundingClientRect().right))"""
    )
    assert len(edges) == len(MLP) and all(row == heads for row in edges)


def test_every_row_is_reached_by_the_keyboard_alone(explorer):
    rows = [row("", "Chain")]
    for i in range(5):
        rows.append(row(f"block_{i}", "Chain"))
        rows += [row(f"block_{i}.layer_{j}", f"Dense({j + 1} => 2)") for j in range(9)]
    explorer.load().tell(rows)
    assert explorer.rows() == ["model", *(f"block_{i}" for i in range(5))]
    explorer.press("Tab")
    while explorer.page.evaluate("document.activeElement.role") != "treeitem":
        explorer.press("Tab")
    met = [explorer.focused()]
    for _ in range(len(rows) - 1):
        if explorer.page.evaluate("document.activeElement.ariaExpanded") == "false":
            explorer.press("ArrowRight")  # open
        explorer.press("ArrowDown")
        met.append(explorer.focused())
    assert met == [row["name"] for row in rows]
    assert explorer.page.locator("[role=treeitem][tabindex='0']").count() == 1


def test_the_keys_of_a_tree(mlp):
    mlp.row("layer_1").focus()
    went = []
    for key in ("End", "Home", "ArrowDown", "ArrowUp", "h", "ArrowRight", "ArrowLeft"):
        mlp.press(key)
        went.append(mlp.focused())
    assert went == ["layer_3", "model", "layer_1", "model", "head", "layer_1", "head"]
    mlp.press("ArrowLeft")
    assert mlp.rows() == ["model", "layer_1", "layer_2", "head"]
    assert mlp.row("head").get_attribute("aria-expanded") == "false"
    mlp.press("*")
    assert len(mlp.rows()) == len(MLP)
    mlp.press("Space")
    assert len(mlp.rows()) == 4
    levels = [mlp.row(path).get_attribute("aria-level") for path in ("", "layer_1")]
    assert levels == ["1", "2"] and mlp.row("layer_1").get_attribute("aria-expanded") is None


def test_typing_a_name_goes_there(mlp):
    mlp.row("").focus()
    mlp.page.keyboard.type("layer_2")
    mlp.settle()
    assert mlp.focused() == "layer_2"


def test_arrows_select_and_the_kernel_hears_of_it_where_they_come_to_rest(mlp):
    before = len(mlp.sent("select"))
    mlp.row("layer_1").focus()
    for _ in range(4):
        mlp.page.keyboard.press("ArrowDown")
    mlp.page.wait_for_timeout(300)
    paths = [m["path"] for m in mlp.sent("select")][before:]
    assert paths[-1] == "head.layer_2" and len(paths) <= 2


def test_the_mouse_opens_and_closes(mlp):
    mlp.row("head").locator(".twisty").click()
    assert mlp.rows() == ["model", "layer_1", "layer_2", "head"]
    mlp.row("head").dblclick()
    mlp.settle()
    assert len(mlp.rows()) == len(MLP)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("dropout", ["model", "head", "layer_2"]),
        ("HEAD.layer_3", ["model", "head", "layer_3"]),
        ("[4,128] dense", ["model", "head", "layer_1"]),
        ("nowhere", []),
    ],
)
def test_search_filters_by_name_type_path_and_shape(mlp, query, found):
    box = mlp.page.get_by_role("searchbox")
    box.fill(query)
    mlp.settle()
    assert mlp.rows() == found
    marks = mlp.page.locator("mark").all_inner_texts()
    assert {m.lower() for m in marks} <= set(query.lower().split())
    assert bool(marks) == (query in ("dropout", "[4,128] dense"))
    box.press("Escape")
    mlp.settle()
    assert len(mlp.rows()) == len(MLP) and box.input_value() == ""


def test_sorting_gives_a_flat_list_with_paths(mlp):
    mlp.page.get_by_role("button", name="parameters").click()
    mlp.settle()
    assert mlp.rows()[:4] == ["layer_1", "head.layer_1", "head.layer_3", "layer_2"]
    mlp.page.get_by_role("button", name="operations").click()
    mlp.settle()
    assert mlp.rows()[:3] == ["layer_1", "head.layer_1", "head.layer_3"]
    mlp.page.get_by_role("button", name="operations").click()
    mlp.settle()
    assert mlp.rows() == [row["name"] for row in MLP]


def test_only_rows_that_changed_are_made_anew_and_the_focus_stays(mlp):
    mlp.row("layer_2").click()
    mlp.settle()
    mlp.page.evaluate(
        "() => { window.rows = [...document.querySelectorAll('[role=treeitem]')];"
        " window.touched = new Set(); new MutationObserver((all) => all.forEach((m) =>"
        " touched.add(m.target.closest?.('[role=treeitem]')))).observe("
        " document.querySelector('.tree'), { subtree: true, childList: true }); }"
    )
    after = [dict(r) for r in MLP]
    after[4] |= {"title": "Dense(256 => 64, relu)"}
    mlp.tell(after)
    same = "rows.every((row, i) => row === document.querySelectorAll('[role=treeitem]')[i])"
    assert mlp.page.evaluate(same)
    assert mlp.page.evaluate("[...touched].map((row) => rows.indexOf(row))") == [4]
    assert mlp.focused() == "layer_2"
    animated = "document.querySelector('.tree').getAnimations({ subtree: true }).length"
    assert mlp.page.evaluate(animated) == 1


def test_motion_is_reduced_where_that_is_asked_for(mlp):
    mlp.page.emulate_media(reduced_motion="reduce")
    mlp.tell([dict(r, title=f"{r['title']}!") for r in MLP])
    animated = "document.querySelector('.tree').getAnimations({ subtree: true }).length"
    assert "Chain!" in mlp.row("").inner_text() and mlp.page.evaluate(animated) == 0


def test_what_an_edit_moves_on_stays_open(explorer):
    blocks = [
        [row(f"block_{i}", f"Chain{i}"), *(row(f"block_{i}.layer_{j}", f"D{i}") for j in range(8))]
        for i in range(4)
    ]
    explorer.load().tell([row("", "Chain"), *chain(*blocks)])
    explorer.row("block_2").locator(".twisty").click()
    assert len(explorer.rows()) == 13
    moved = json.loads(json.dumps([*chain(*blocks)]).replace("block_2", "block_3_"))
    explorer.tell([row("", "Chain"), row("block_0_", "Dropout(0.5)"), *moved])
    assert explorer.row("block_3_").get_attribute("aria-expanded") == "true"
    assert len(explorer.rows()) == 14
