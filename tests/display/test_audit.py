"""What a person sees of an audit: pictures, the same words in both, nothing that acts."""

import html
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from rich.cells import cell_len

import luxnb as lx
from luxnb.display import audit as display
from luxnb.display.audit import STYLE
from luxnb.inspect.audit.finding import Audit, Finding, Verdict, fault, hint, note
from tests.display.test_html import ATTACKS, RGB, contrast
from tests.inspect import bad

X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


class Pupil(lx.Layer):
    """A first layer, with what happens in first layers."""

    dims: int
    std: float = 0.1

    def init_params(self, key):
        scale = jax.random.normal(key, (self.dims,))
        return {"scale": scale, "shift": jax.random.normal(key, (self.dims,))}

    def forward(self, x, ps, st):
        print("x is", x.shape)
        x = x - x.mean(axis=0)
        if x.max() > 3:
            x = np.clip(x, -3, 3)
        return ps.scale * x, st


MODELS = {
    "audit_pupil": lambda: lx.check(Pupil(3), X),
    "audit_refused": lambda: lx.check(lambda: bad.Held(jnp.ones(3)), X),
    "audit_good": lambda: lx.check(lx.Chain(lx.Dense(3, 4), lx.BatchNorm(4), lx.Dropout()), X),
}


@pytest.fixture(scope="module")
def audits():
    return {name: make() for name, make in MODELS.items()}


@pytest.mark.parametrize("name", MODELS)
def test_pictures(name, audits, golden):
    picture = lx.view(audits[name])
    golden(f"{name}.txt", picture.text + "\n")
    golden(f"{name}.html", picture.html + "\n")


def words(picture):
    body = re.sub("<style>.*?</style>", "", picture.html, flags=re.DOTALL)
    return html.unescape(re.sub("<[^>]*>", " ", body)).split()


@pytest.mark.parametrize("name", MODELS)
def test_html_says_all_that_the_text_says(name, audits):
    picture = lx.view(audits[name])
    assert set(picture.text.split()) <= set(words(picture))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_text_fits_its_width(width, audits, monkeypatch):
    monkeypatch.setattr(display, "terminal_width", lambda: width)
    for audit in audits.values():
        lines = lx.view(audit).text.splitlines()
        assert max(map(cell_len, lines)) <= width
        told = "".join(lx.view(audit).text.split())
        for remark in (remark for finding in audit for remark in finding.remarks):
            assert "".join(remark.text.split()) in told
            assert "".join(remark.write.split()) in told


def test_one_row_a_law_and_the_broken_ones_are_open(audits):
    for audit in audits.values():
        page = lx.view(audit).html
        rows = re.findall(r"<details( open)?>", page)
        shown = [any(r.kind != "note" for r in finding.remarks) for finding in audit]
        assert [bool(row) for row in rows] == shown
        for finding in audit:
            assert html.escape(finding.why) in page


def test_the_view_in_a_cell_and_in_print(audits):
    audit = audits["audit_pupil"]
    picture = lx.view(audit)
    assert str(audit) == picture.text
    assert audit._repr_mimebundle_() == {"text/plain": picture.text, "text/html": picture.html}
    assert repr(audit).startswith("<Audit of Pupil(3), 17 laws: ")
    assert repr(audit).endswith("; ✗ The samples of a batch do not mix>")


def test_many_remarks_are_cut():
    remarks = tuple(hint(f"ps.w_{i} is never read.") for i in range(30))
    audit = Audit(None, "", (Finding(1, "All is used", "Why.", Verdict.HINT, remarks),))
    picture = lx.view(audit)
    assert picture.text.count("never read") == 3
    assert "… and 27 more like this." in picture.text and "… and 27 more" in picture.html


def test_what_is_indented_stays_so():
    picture = lx.view(lx.check(bad.NoTestMode(), X))
    assert f"\n{' ' * 17}return x, st\n" in picture.text
    assert "\n    return x, st</ins></pre>" in picture.html


def test_no_script_no_background_no_id(audits):
    assert len(STYLE.encode()) <= 1500
    for audit in audits.values():
        page = lx.view(audit).html
        assert len(page.encode()) <= 9000
        assert not re.search(r"<script|<link|@import|url\(|\bid=|background:(?!none)", page)


# -- in a browser ---------------------------------------------------------------------------------


def hostile(attack):
    remarks = (fault(attack, attack, attack), hint(attack), note(attack))
    kinds = [Finding(1, attack, attack, verdict, remarks, attack) for verdict in Verdict]
    return Audit(bad.Held(attack), attack, tuple(kinds))


ALLOWED = {
    "DIV", "STYLE", "P", "STRONG", "UL", "LI", "DETAILS", "SUMMARY", "SPAN", "SAMP", "MARK", "VAR",
    "SMALL", "I", "EM", "PRE", "DEL", "INS",
}  # fmt: skip


def test_nothing_acts(browser):
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    dialogs, requests = [], []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    views = [lx.view(hostile(attack)) for attack in ATTACKS]
    page.set_content("".join(picture.html for picture in views))
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.wait_for_timeout(200)
    assert dialogs == [] and requests == []
    body = "[...document.body.querySelectorAll('*')]"
    assert set(page.evaluate(f"{body}.map(e => e.tagName)")) <= ALLOWED
    assert set(page.evaluate(f"{body}.flatMap(e => e.getAttributeNames())")) <= {"class", "open"}
    assert page.evaluate("document.body.children.length") == len(views)
    shown = page.evaluate("document.body.textContent")
    assert "<img src=x onerror=alert(1)>" in shown and r"\x1b" in shown and r"\u202e" in shown
    for text in [shown, *(picture.text for picture in views)]:
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text
        )
    page.close()


@pytest.mark.parametrize(
    ("ground", "ink"), [("#ffffff", "#000000"), ("#111111", "#ffffff")], ids=["light", "dark"]
)
def test_all_text_has_contrast(browser, audits, ground, ink):
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    pictures = "".join(lx.view(audit).html for audit in audits.values())
    page.set_content(f"<body style='background:{ground};color:{ink}'>{pictures}")
    back = [int(ground[i : i + 2], 16) for i in (1, 3, 5)]
    colours = {}
    for tag in ("strong", "summary>samp", "mark", "var", "small", "i", "em", "del", "ins", "p"):
        colours[tag] = page.query_selector(f".lx-audit {tag}").evaluate(RGB)
        assert contrast(colours[tag], back) >= 4.5, tag
    kinds = [tuple(colours[tag]) for tag in ("strong", "summary>samp", "mark", "var", "small")]
    assert len(set(kinds)) == len(kinds)
    page.close()


def test_every_row_opens_by_the_keyboard(browser, audits):
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    page.set_content(lx.view(audits["audit_good"]).html)
    total = page.locator("summary").count()
    for _ in range(total):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    assert total == 17
    assert page.evaluate("document.querySelectorAll('details[open]').length") == total
    page.close()
