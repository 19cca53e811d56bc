"""What the explorer shows: faults, arrays, progress, hostile texts; contrast and width."""

import re

import pytest

from tests.notebook.blank_page import DARK, LIGHT
from tests.notebook.explore_page import CHOICES, DENSE, MLP, ExplorePage, array, detail, field, row

ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "</span></div><script>alert(2)</script>",
    "</style><script>alert(3)</script>",
    '" onmouseover="alert(4)" x="',
    "' onfocus='alert(5)' autofocus='",
    "javascript:alert(6)",
    "\x1b]8;;javascript:alert(7)\x1b\\click\x1b[31m\x00",
    "\u202egnp.exe\u2066\u200f",
    "&lt;b&gt;&#60;svg onload=alert(8)&#62;",
    "`${alert(9)}`{{alert(10)}}",
]
ELEMENTS = {
    "DIV", "HEADER", "FOOTER", "SPAN", "B", "I", "BUTTON", "INPUT", "TEXTAREA", "KBD", "MARK",
    "IMG", "DETAILS", "SUMMARY", "svg", "path",
}  # fmt: skip
ATTRIBUTES = {
    "class", "style", "title", "type", "role", "hidden", "id", "tabindex", "placeholder", "src",
    "alt", "spellcheck", "autocomplete", "disabled", "readonly", "rows", "d", "viewBox",
    "preserveAspectRatio", "data-lm-suppress-shortcuts", "data-waiting", "data-role", "open",
}  # fmt: skip


def test_a_fault_is_red_opened_and_announced(mlp):
    mlp.row("head").locator(".twisty").click()
    faulty = [dict(r) for r in MLP]
    faulty[6]["fault"] = "expected f32[…,128], got f32[4,64]"
    mlp.tell(faulty)
    shown = mlp.row("head.layer_3")
    assert shown.is_visible() and "✗ expected f32[…,128], got f32[4,64]" in shown.inner_text()
    status = mlp.page.get_by_role("status").nth(1)
    assert status.inner_text() == "✗ head.layer_3: expected f32[…,128], got f32[4,64]"
    colours = [
        mlp.row(path).locator(".name").evaluate("e => getComputedStyle(e).color")
        for path in ("head.layer_3", "layer_1")
    ]
    assert colours[0] != colours[1]


def test_a_histogram_is_drawn_to_scale(mlp):
    mlp.say(DENSE | {"arrays": [array("weight"), array("bare", statistics=None)]})
    path = mlp.page.locator(".array path").first.get_attribute("d")
    counts = array("weight")["statistics"]["counts"]
    heights = [1 - float(top) for top in re.findall(r"V([\d.e-]+)h", path)]
    assert heights == pytest.approx([n / max(counts) for n in counts])
    facts = mlp.page.locator(".facts").all_inner_texts()
    assert facts == ["mean 0.0001 ± 0.0206 · −0.0357 … 0.0357 · zeros 0 % · sampled", ""]
    assert mlp.page.get_by_role("img", name="histogram").count() == 1


def test_a_picture_comes_on_request(mlp):
    mlp.button("Picture of weight").click()
    (asked,) = mlp.sent("picture")
    assert (asked["path"], asked["entry"]) == ("layer_1", "weight")
    pixel = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNg"
        "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
    )
    mlp.say({"type": "picture", "path": "layer_1", "entry": "weight", "src": pixel})
    image = mlp.page.get_by_role("img", name="heat map of weight")
    assert image.get_attribute("src") == pixel and image.is_visible()
    mlp.row("layer_2").click()
    mlp.say(detail("layer_2", "BatchNorm(256)", arrays=[array("weight")]))
    assert not mlp.page.locator(".image").is_visible()


def test_a_picture_from_elsewhere_is_not_loaded(mlp):
    requests = []
    mlp.page.on("request", lambda request: requests.append(request.url))
    for src in ("https://example.com/a.png", "data:image/svg+xml,<svg/>", "javascript:1"):
        mlp.say({"type": "picture", "path": "layer_1", "entry": "weight", "src": src})
    assert requests == [] and mlp.page.locator("img[src]").count() == 0


def test_code_is_copied(browser):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.route("**/*", lambda route: route.fulfill(body="<html></html>", content_type="text/html"))
    tab.goto("https://notebook.test/")  # a clipboard needs a secure page
    explorer = ExplorePage(tab).load().tell(MLP, code="import luxnb as lx\n\nmodel = lx.Chain()\n")
    explorer.button("Copy code").click()
    explorer.page.get_by_text("Code copied.").wait_for(timeout=3000)
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == "import luxnb as lx\n\nmodel = lx.Chain()\n"
    context.close()


def test_where_the_clipboard_is_refused_the_code_is_laid_out_selected(mlp):
    mlp.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    mlp.button("Copy code").click()
    mlp.settle()
    assert "lx.Dense(3, 4)" in mlp.page.evaluate("getSelection().toString()")
    mlp.press("Escape")
    assert not mlp.page.locator("textarea").is_visible()


def test_a_running_fit_shows_its_progress(mlp):
    bar = mlp.page.get_by_role("progressbar")
    assert not bar.is_visible()
    mlp.tell(MLP, live={"status": "training", "step": 1234, "target": 10_000})
    assert bar.get_attribute("aria-valuenow") == "12"
    assert mlp.page.locator(".live").inner_text() == "training, step 1,234 of 10,000"
    mlp.say({"type": "live", "live": {"status": "done", "step": 10_000, "target": 10_000}})
    assert bar.get_attribute("aria-valuenow") == "100"
    mlp.button("Picture of weight").focus()
    mlp.say(DENSE | {"arrays": [array("weight", spec="f32[9]"), array("bias")]})
    assert mlp.focused() == "Picture of weight"
    assert mlp.page.locator(".spec").first.inner_text() == "f32[9]"


def test_help_lists_the_keys(mlp):
    mlp.row("layer_1").focus()
    mlp.press("?")
    assert mlp.page.get_by_text("Escape", exact=True).is_visible()
    mlp.page.locator("summary").click()
    assert not mlp.page.get_by_text("Escape", exact=True).is_visible()


# -- hostile texts -------------------------------------------------------------------------------


def hostile(attack):
    """The attack in every place where a string of the kernel's can come to stand."""
    kinds = ["parameters", "state", "badge", "note", attack]
    words = [[kind, attack] for kind in kinds]
    said = {"total", "code", "input", "note"}
    texts = dict.fromkeys(("share", "output", "flopsText", "parametersText", "fault"), attack)
    rows = [row("", attack, words=words, **texts), row(attack, attack, words=words, **texts)]
    tree = dict.fromkeys(said, attack) | {"live": {"status": attack, "step": 1, "target": 2}}
    choices = {"layers": [{"name": attack, "text": attack, "doc": attack}]}
    numbers = ["mean", "std", "min", "max", "zeros", "nonfinite", "low", "high"]
    statistics = dict.fromkeys(numbers, attack) | {"sampled": True, "counts": [1, 2]}
    fields = [
        field(attack, attack, kind, [attack], attack, attack)
        for kind in ("int", "float", "bool", "choice", "function", "tuple", "text")
    ]
    arrays = [array(attack, role, attack, statistics=statistics) for role in ("parameter", "state")]
    texts = dict.fromkeys(("doc", "code", "given", "output", "fault"), attack)
    chosen = detail(attack, attack, fields, arrays, **texts, numbers={attack: attack})
    return rows, tree | {"choices": choices, "changed": True}, chosen


@pytest.mark.parametrize("number", range(len(ATTACKS)))
def test_hostile_texts_are_inert(explorer, number):
    attack, dialogs, requests = ATTACKS[number], [], []
    explorer.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    explorer.page.on("request", lambda request: requests.append(request.url))
    rows, tree, chosen = hostile(attack)
    explorer.load().tell(rows, chosen, **tree)
    explorer.button("Insert after").click()
    explorer.page.get_by_role("searchbox").fill("alert")
    explorer.button("Copy code").click()
    explorer.say({"type": "picture", "path": attack, "entry": attack, "src": attack})
    explorer.button("Remove").click()
    explorer.refuse(attack)
    explorer.say(
        {"type": attack}, {"type": "refused", "id": 0, "path": "", "field": "", "reason": attack}
    )
    explorer.page.wait_for_timeout(100)
    assert dialogs == [] and explorer.errors() == []
    assert [url for url in requests if not url.startswith("blob:")] == []
    all_elements = "[...document.querySelectorAll('.luxnb-explore, .luxnb-explore *')]"
    assert set(explorer.page.evaluate(f"{all_elements}.map((e) => e.tagName)")) <= ELEMENTS
    names = set(explorer.page.evaluate(f"{all_elements}.flatMap((e) => e.getAttributeNames())"))
    assert {n for n in names if not n.startswith("aria-")} <= ATTRIBUTES
    shown = explorer.page.evaluate("document.querySelector('.luxnb-explore').textContent")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", shown)
    if attack.isprintable():
        assert attack in shown  # nothing is swallowed


# -- looks ----------------------------------------------------------------------------------------

CONTRAST = """() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  };
  const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return [...document.querySelectorAll(".luxnb-explore *")].flatMap((element) => {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const isText = own || element.matches("input, .twisty");
    if (!isText || !element.checkVisibility() || element.disabled) return [];
    const style = (e) => getComputedStyle(e), grounds = [];
    for (let e = element; e; e = e.parentElement) grounds.unshift(style(e).backgroundColor);
    const before = light(paint(grounds)), after = light(paint([...grounds, style(element).color]));
    const ratio = (Math.max(before, after) + 0.05) / (Math.min(before, after) + 0.05);
    return [[ratio, element.className || element.tagName]];
  });
}"""


@pytest.mark.parametrize("body", [LIGHT, DARK], ids=["light", "dark"])
def test_all_text_has_contrast(explorer, body):
    scheme = "; color-scheme: dark" if body == DARK else ""
    explorer.load(body=body + scheme)
    faulty = [dict(r, words=[["badge", "train"], ["note", "n"]], changed=True) for r in MLP]
    faulty[2]["fault"] = "expected f32[…,256], got f32[4,128]"
    fields = [dict(f, help="how wide") for f in DENSE["fields"]]
    explorer.tell(faulty, DENSE | {"fields": fields}, changed=True, note="now 128", choices=CHOICES)
    explorer.field("out_dims").fill("0")
    explorer.press("Enter")
    explorer.refuse("must be at least 1")
    explorer.page.locator("summary").click()
    explorer.field("activation").click()
    explorer.page.get_by_role("searchbox").fill("dense")
    explorer.page.wait_for_timeout(1500)  # until nothing flashes
    found = explorer.page.evaluate(CONTRAST)
    assert {"name", "title", "fault", "note", "help", "output"} <= {name for _, name in found}
    assert [pair for pair in found if pair[0] < 4.5] == []


@pytest.mark.parametrize("width", [420, 600, 700, 1400])
def test_it_fits_its_place(explorer, width):
    explorer.page.set_viewport_size({"width": width, "height": 800})
    explorer.load().tell(MLP, DENSE)
    tree, pane = (explorer.page.locator(part).bounding_box() for part in (".tree", ".pane"))
    if width <= 700:
        assert pane["y"] >= tree["y"] + tree["height"] - 1
    else:
        assert pane["x"] >= tree["x"] + tree["width"] - 1
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert explorer.page.evaluate(over) <= 0
    assert explorer.field("out_dims").bounding_box()["width"] > 100
    wide = explorer.row("layer_1").locator(".title").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert width == 420 or wide[0] <= wide[1]


def test_a_thousand_rows_stay_smooth(explorer):
    rows = [row("", "Chain")]
    for i in range(100):
        rows.append(row(f"block_{i}", "Chain", 100 * i))
        rows += [row(f"block_{i}.layer_{j}", f"Dense({i} => {j})", i + j, i) for j in range(9)]
    explorer.load().tell(rows)
    assert len(explorer.rows()) == 101  # what is closed is not in the page
    timed = """async (action) => {
        const start = performance.now();
        await eval(action)();
        await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
        return performance.now() - start;
    }"""
    explorer.row("block_0").click()
    key = "() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
    took = {"open all": explorer.page.evaluate(timed, f"{key} {{ key: '*', bubbles: true }}))")}
    assert len(explorer.rows()) == 1001
    for text in ("d", "de", "den", "dens", "dense", "dense("):
        took[f"search {text}"] = explorer.page.evaluate(
            timed,
            "() => { const box = document.querySelector('.search');"
            f" box.value = '{text}'; box.dispatchEvent(new Event('input')); }}",
        )
    print({name: f"{took:.0f} ms" for name, took in took.items()})
    assert explorer.errors() == []
