"""Hundreds of hostile names, values, reprs and messages: nothing acts, nothing is swallowed."""

import html
import random
import re
import unicodedata

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rich.cells import cell_len

from luxnb import Chain, Dense, Layer, Tree
from luxnb.core.view import View, view
from luxnb.display.cards import card
from luxnb.inspect.node import Cost, Node, Noted
from tests.display.test_html import ALLOWED

CASES, IN_A_PAGE = 600, 200

# One a line.
MARKUP = """
<img src=x onerror=alert(1)>
<script>alert(2)</script>
</style>
</details></ul></div>
<svg/onload=alert(3)>
<a href=javascript:alert(4)>
" onmouseover="alert(5)
' autofocus='
<style>*{display:none}</style>
<!--
-->
]]>
<iframe srcdoc='<script>alert(6)</script>'>
&lt;b&gt;
&#60;i&#62;
&amp
[bold red]
[/b]
[link=javascript:alert(7)]x[/link]
{{alert(9)}}
${alert(10)}
%s%n
@import url(http://evil.test/x.css);
url(http://evil.test/y.png)
<base href=//evil.test>
<meta http-equiv=refresh content=0;url=//evil.test>
<form action=//evil.test><button>
<input autofocus onfocus=alert(11)>
key<fry>
""".strip().split("\n")
CONTROLS = [
    *("\x1b[31m", "\x1b]8;;javascript:alert(8)\x07", "\x1b[2J", "\x00", "\x08", "\r", "\n", "\t"),
    *("\x7f", "\x9b", "\u202e", "\u2066", "\u200f", "\u200b", "\u2028", "\ufeff", "\ud800"),
    "\U000e0041",
]
LETTERS = [
    *(
        "Z\u0321\u0316" + "\u0329\u0301" * 40,
        "e\u0301",
        "重み",
        "👩‍👩‍👧",
        "🏳️‍🌈",
        "ｗｉｄｅ",
        "ﷺ",
        "ا",
    ),
    *("\\", "`", "'", '"', " ", "  ", "", "A" * 300, "λ", "−", "→", "✗", "~", "│", "└", "×12", "…"),
    *("details", "summary", "constructor", "__proto__", "toString", "lx", "layer_1"),
]
PIECES = MARKUP + CONTROLS + LETTERS


def hostile_text(random) -> str:
    return "".join(random.choice(PIECES) for _ in range(random.randint(1, 4)))


class Says:
    """Its repr is as it was told; whoever asks for HTML or another mime gets an error."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        raise AssertionError("asked for HTML")

    _repr_mimebundle_ = __str__ = _repr_html_


class Raises:
    def __repr__(self):
        raise RuntimeError("<script>alert(12)</script>")


class Lies:
    """Says of itself whatever is asked, and fails when one looks closer."""

    @property
    def __class__(self):
        raise RuntimeError("no class")

    @property
    def shape(self):
        raise RuntimeError("no shape")

    dtype = items = shape


class Posing:
    shape, dtype = ("<b>", None), "<script>alert(13)</script>"

    @property
    def __class__(self):
        return jax.Array


class Reprs(str):
    def __repr__(self):
        return 42  # no text at all


class Holds(Layer):
    what: object
    more: object = None

    def init_params(self, key):
        raise ValueError(str(self.what))


def hostile_value(random):
    text = hostile_text(random)
    kinds = (
        lambda: text,
        lambda: Says(text),
        lambda: Says(text * 20),
        Raises,
        Lies,
        Posing,
        lambda: Reprs(text),
        lambda: (text, Says(text)),
        lambda: jnp.float32,
        lambda: np.ones(2),
        lambda: jax.ShapeDtypeStruct((2, 3), jnp.float32),
    )
    return random.choice(kinds)()


def hostile_view(random) -> View:
    """One picture in which something hostile stands somewhere."""
    text, value = hostile_text(random), hostile_value(random)
    name = re.sub(r"[./]", "·", text).lstrip("_") or "x"
    kind = random.randrange(8)
    if kind == 0:
        function = lambda x: x  # noqa: E731
        function.__name__ = function.__qualname__ = text
        return view(holding(value, text, function))
    if kind == 1:
        return view(Chain(**{name: Dense(2, 2), "z": Holds(text)}))
    if kind == 2:
        type_name = text.replace("\x00", "").encode("utf-8", "ignore").decode() or "T"
        return view(type(type_name, (Layer,), {"__annotations__": {}})())
    if kind == 3:
        return view(Dense(2, 2), {text: value, "weight": value}, value)
    if kind == 4:
        return view(Tree(**{name: Tree(**{name: value, "b": text}), "c": value}))
    shape = jax.ShapeDtypeStruct((2,), jnp.float32)
    value = Says(text) if type(value) is Lies else value  # in Nodes only what `walk` has met
    if kind == 5:
        entries = {text: Noted(shape, text, random.choice(["", "+", "−", "~"]), value)}
        return card(Node(text, text, None, entries, remarks=(text,), faults=(text,)), (text,))
    if kind == 6:
        root = Node("", "", Dense(2, 2), {text: value}, output={text: shape}, cost=Cost(5, 5, 5, 5))
        return card(Node("", "", Chain(Dense(2, 2)), children=(root,), output=(value, text)))
    before = Node("a", "a", Holds(text), {text: shape})
    new = Node("a", "a", Holds("b" + text), {text: value}, mark="~", before=before, last=text)
    return card(Node("", "", None, children=(new, Node(text, text, None, mark="−"))))


def holding(value, text, function) -> Holds:
    """A layer with the value in a field, if a layer takes it; else with the text."""
    try:
        return Holds(value, function)
    except Exception:
        return Holds(text, function)


@pytest.fixture(scope="module")
def views():
    random_numbers = random.Random(4)
    return [hostile_view(random_numbers) for _ in range(CASES)]


def test_nothing_acts_in_a_page(browser, views):
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    dialogs, requests = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    for start in range(0, CASES, IN_A_PAGE):
        batch = views[start : start + IN_A_PAGE]
        page.set_content("".join(picture.html for picture in batch))
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.wait_for_timeout(100)
        assert page.evaluate("document.body.children.length") == len(batch)
        everything = "[...document.body.querySelectorAll('*')]"
        assert set(page.evaluate(f"{everything}.map(e => e.tagName)")) <= ALLOWED
        attributes = set(page.evaluate(f"{everything}.flatMap(e => e.getAttributeNames())"))
        assert attributes <= {"class", "style", "title", "open"}
        styles = page.evaluate(f"{everything}.map(e => e.getAttribute('style') || '')")
        ours = r"(container:lx\d+/inline-size;)?(--[tacn]:\d+ch;?)*"
        assert [style for style in styles if not re.fullmatch(ours, style)] == []
        classes = set(page.evaluate(f"{everything}.map(e => e.className)"))
        assert classes <= {"", "lx", "lx lx-marks", "plus", "minus"}
        # No row grows over another, none runs out of the page.
        assert page.evaluate("document.documentElement.scrollWidth") <= 1000
        over = page.evaluate(
            "[...document.querySelectorAll('summary>*')].filter(e => e.scrollWidth > "
            "e.clientWidth + 1 && e.clientWidth).map(e => e.outerHTML)"
        )
        assert over == []
    assert dialogs == [] and requests == []
    page.close()


def test_nothing_acts_in_a_terminal(views):
    for picture in views:
        for text in (picture.text, picture.html):
            acting = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
            assert acting <= {"\n"}
        flood = max(map(len, re.findall("[\u0300-\u036f]+", picture.text)), default=0)
        assert flood <= 3
        picture.text.encode()


@pytest.mark.parametrize("piece", ["key<fry>", "[bold red]", "</details>", "[/b]", "重み", "&lt;"])
def test_nothing_is_swallowed(piece):
    seen = f"a{piece}z"
    name = seen.replace("/", "·")
    pictures = [
        view(Tree(**{name: Tree(b=Says(seen))})),
        card(Node("", "", Holds(Says(seen)), faults=(seen,), remarks=(seen,)), (seen,)),
        card(Node("", "", None, {seen: Noted(Says(seen), seen)}, output={seen: 1})),
    ]
    for picture in pictures:
        body = html.unescape(re.sub("<style>.*?</style>|<[^>]*>", "", picture.html))
        for said in (picture.text, body):
            assert seen in said or name in said
    assert pictures[1].text.count(seen) == 4


def test_endless_texts_are_cut():
    picture = view(Tree(a=Says("x" * 10_000_000), b="\u202e" * 10_000_000))
    assert len(picture.text) < 1000 and len(picture.html) < 5000


def test_deep_and_long_and_wide_names_keep_their_lines():
    layer = Dense(1, 1)
    for _ in range(100):
        layer = Chain(重み=layer)
    astronauts = "👩‍🚀" * 30
    long = Chain(**{f"{astronauts}{i}": Dense(1, 1) for i in range(9)})
    for picture in (view(layer), view(long)):
        assert max(map(cell_len, picture.text.splitlines())) <= 80
    assert view(layer).text.count("重み") == 100
