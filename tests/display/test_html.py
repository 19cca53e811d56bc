"""The page in a browser: nothing in it acts, everything in it can be read."""

import re

import pytest

import luxnb.display.cards  # noqa: F401  (registers the views)
from luxnb import Chain, Dense, Dropout, Layer, Tree
from luxnb.core.view import view
from luxnb.inspect.shapes import shapes
from tests.display.models import GPT, LENET, MLP

ALLOWED = {
    "DIV", "STYLE", "UL", "LI", "DETAILS", "SUMMARY", "SPAN", "B", "SAMP", "VAR", "EM", "SMALL",
    "MARK", "P", "I",
}  # fmt: skip

ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "</details></ul></div><script>alert(2)</script>",
    "</style><script>alert(3)</script>",
    "\" onmouseover=\"alert(4)\" x=\"",
    "' onfocus='alert(5)' autofocus='",
    "[link=javascript:alert(6)]click[/link]",
    "\x1b]8;;javascript:alert(7)\x1b\\click\x1b]8;;\x1b\\\x1b[31m",
    "\u202egnp.exe\u2066\u200f",
    "&lt;b&gt;&#60;svg onload=alert(8)&#62;",
    "`${alert(9)}`{{alert(10)}}",
]  # fmt: skip


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    yield page
    page.close()


class Hostile(Layer):
    text: object
    act: object = None

    def init_params(self, key):
        raise ValueError(str(self.text))


class Repr:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        raise AssertionError("asked for HTML")


def hostile_views(attack):
    """The attack in every place where a user's string can come to stand."""
    name = re.sub(r"[./]", "·", attack)  # names of entries have neither

    def function(x):
        return x

    function.__qualname__ = function.__name__ = attack
    named = type(attack.replace("\x00", ""), (Layer,), {"__annotations__": {}})
    yield view(Hostile(attack))
    yield view(Hostile(Repr(attack), function))
    yield view(Chain(**{name: Dense(2, 2), "b": function}))
    yield view(named())
    yield view(Dense(2, 2), {attack: attack, "weight": Repr(attack)}, attack)
    yield view(Tree(**{name: Tree(**{name: Repr(attack), "z": attack})}))
    yield view(Chain(Dense(2, 2)), {"layer_1": {"weight": FakeArray(attack)}})


class FakeArray:
    shape = (2, 2)

    def __init__(self, dtype):
        self.dtype = type(dtype, (), {"__str__": lambda self: dtype})()


def test_nothing_acts(page):
    dialogs, requests = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    views = [picture for attack in ATTACKS for picture in hostile_views(attack)]
    page.set_content("".join(picture.html for picture in views))
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.wait_for_timeout(200)
    assert dialogs == [] and requests == []
    body = "[...document.body.querySelectorAll('*')]"
    assert set(page.evaluate(f"{body}.map(e => e.tagName)")) <= ALLOWED
    attributes = set(page.evaluate(f"{body}.flatMap(e => e.getAttributeNames())"))
    assert attributes <= {"class", "style", "title", "open"}
    assert page.evaluate("document.body.children.length") == len(views)
    shown = page.evaluate("document.body.textContent")
    assert "<img src=x onerror=alert(1)>" in shown and r"\x1b" in shown and r"\u202e" in shown
    for text in [shown, page.evaluate("document.body.innerHTML"), *(v.text for v in views)]:
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text
        )


RGB = """element => {
  const pen = document.createElement('canvas').getContext('2d');
  const read = colour => {
    pen.fillStyle = 'rgb(' + getComputedStyle(document.body).backgroundColor.match(/\\d+/g) + ')';
    pen.fillRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  return read(getComputedStyle(element).color);
}"""


def contrast(one, other):
    """The contrast ratio of WCAG 2.1."""

    def luminance(rgb):
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted(luminance([c / 255 for c in rgb]) for rgb in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ground", "ink"), [("#ffffff", "#000000"), ("#111111", "#ffffff")], ids=["light", "dark"]
)
def test_all_text_has_contrast(page, ground, ink):
    params, state = MLP.init(0)
    faulty = params.at["layer_6"].set({"weight": params.layer_6.weight})
    pictures = view(MLP, faulty, state).html + view(GPT).html
    page.set_content(f"<body style='background:{ground};color:{ink}'>{pictures}")
    back = [int(ground[i : i + 2], 16) for i in (1, 3, 5)]
    seen = set()
    for element in page.query_selector_all("b,samp,var,em,small,mark,p,summary,summary>span"):
        tag = element.evaluate("e => e.tagName")
        if tag not in seen:
            seen.add(tag)
            assert contrast(element.evaluate(RGB), back) >= 4.5, tag
    assert {"B", "SAMP", "VAR", "EM", "SMALL", "MARK", "P"} <= seen
    samp, var, ink_rgb = (
        page.query_selector(f"{tag}").evaluate(RGB) for tag in ("samp", "var", "b")
    )
    assert samp != var != ink_rgb != samp  # parameters, state and names look different


def test_columns_align_and_rows_are_not_wrapped(page):
    pictures = [view(GPT), view(LENET), view(shapes(MLP)[0]), view(shapes(Chain(Chain(LENET)))[0])]
    page.set_content("".join(picture.html for picture in pictures))
    edges = page.evaluate("""[...document.querySelectorAll('.lx')].map(tree => [
        new Set([...tree.querySelectorAll('summary>:nth-child(n+2):last-child')]
          .map(e => Math.round(e.getBoundingClientRect().right))).size,
        new Set([...tree.querySelectorAll('samp:first-child')]
          .map(e => Math.round(e.getBoundingClientRect().left))).size,
        new Set([...tree.querySelectorAll('summary')]
          .map(e => Math.round(e.getBoundingClientRect().height))).size])""")
    assert edges == [[1, 1, 1]] * 4


def test_every_row_opens_by_the_keyboard(page):
    page.set_content(view(GPT).html)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
    total = page.locator("summary").count()
    for _ in range(total):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    assert page.evaluate("document.querySelectorAll('details[open]').length") == total


def test_a_path_is_selected_by_one_click(page):
    page.set_content(view(GPT).html)
    row = page.locator("details", has_text="Dense(3072 => 768)").last
    row.locator("summary").click()
    row.locator("> small").click()
    assert page.evaluate("getSelection().toString()") == "layer_1.mlp.layer.layer_2"


def test_without_its_style_it_is_still_a_tree(page):
    bare = re.sub('<style>.*?</style>| style="[^"]*"', "", view(Chain(Dropout(), GPT)).html)
    page.set_content(bare)
    lefts = page.evaluate(
        "['layer_2', 'layer_1…12', 'mlp', 'layer'].map(name => [...document.querySelectorAll('b')]"
        ".find(b => b.textContent === name && b.offsetWidth).getBoundingClientRect().left)"
    )
    assert lefts == sorted(set(lefts))
    assert "attention SkipConnection 3,542,016" in page.inner_text("body")
