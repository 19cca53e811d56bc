"""What a person sees of an audit: a row for each law; where one is broken, what to write instead.

Text and HTML say the same; in the HTML every row opens, and says why there is such a law.
"""

from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

from luxnb.core.view import View, view
from luxnb.display.config import config
from luxnb.display.element import Html, tag
from luxnb.display.plain import plain
from luxnb.display.text import terminal_width
from luxnb.inspect.audit.finding import Audit, Finding, Remark, Verdict

MOST_REMARKS = 3
LONGEST = 400

# Elements that look right by themselves: a marker pen for what is broken; code that is struck out,
# and code that is underlined.
_MARK = {
    Verdict.KEPT: "samp", Verdict.BROKEN: "mark", Verdict.HINT: "var", Verdict.UNTRIED: "small",
}  # fmt: skip
_CODE = {"here": "del", "write": "ins"}

STYLE = (
    ".lx-audit{--m:color-mix(in srgb,currentColor 66%,transparent);max-width:54em;"
    "font:14px/1.55 var(--jp-ui-font-family,system-ui,sans-serif)}"
    ".lx-audit *{font:inherit;margin:0!important}"
    ".lx-audit ul{list-style:none!important;padding:0!important;margin:.5em 0!important}"
    ".lx-audit summary{display:flex;gap:.7em;cursor:pointer;list-style:none}"
    ".lx-audit summary:focus-visible{outline:1px solid}"
    ".lx-audit summary>:is(samp,mark,var,small){width:1em;text-align:center;font-weight:700}"
    ".lx-audit i{width:1.2em;text-align:right;font-style:normal}"
    ".lx-audit details>:not(summary){margin-left:3.6em!important}"
    ".lx-audit details>:last-child{padding-bottom:.5em}"
    ".lx-audit :is(strong,[open]>summary>span){font-weight:600}"
    ".lx-audit div{display:flex}"
    ".lx-audit em{flex:none;width:3.2em;font-style:normal}"
    ".lx-audit pre{font:13px/1.65 var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);"
    "white-space:pre-wrap}"
    ".lx-audit :is(ins,del){text-decoration:none}"
    ".lx-audit :is(samp,ins){color:color-mix(in oklab,currentColor 35%,#0b9a3c)}"
    ".lx-audit :is(mark,del){background:none;color:color-mix(in oklab,currentColor 35%,#f03)}"
    ".lx-audit var{color:color-mix(in oklab,currentColor 35%,#e8590c)}"
    ".lx-audit :is(i,em,small){color:var(--m)}"
)


@view.register
def view_audit(audit: Audit) -> View:
    """A row for each law, and what to write where one is broken."""
    return View("\n".join(_text(audit, terminal_width())), _html(audit))


def _subject(audit: Audit) -> str:
    if audit.layer is None:
        return "No layer was made"
    return f"{config(audit.layer)}, given {plain(audit.given)}"


def _aside(finding: Finding) -> str:
    """What stands behind the law, in brackets."""
    said = [remark.text for remark in finding.remarks if remark.kind == "note"]
    if finding.verdict is Verdict.UNTRIED:
        said = [f"not tried: {finding.because}"]
    return plain(f"({'; '.join(said)})", LONGEST) if said else ""


def _told(finding: Finding) -> tuple[list[Remark], str]:
    """The first remarks on a law that is not merely kept, and how many more there are."""
    remarks = [remark for remark in finding.remarks if remark.kind != "note"]
    more = len(remarks) - MOST_REMARKS
    return remarks[:MOST_REMARKS], f"… and {more} more like this." if more > 0 else ""


def _code(remark: Remark) -> Iterator[tuple[str, list[str]]]:
    """The line that is there, and the lines to write instead."""
    for label, code in (("here", remark.here), ("write", remark.write)):
        if code:
            yield label, [plain(line, LONGEST) for line in code.splitlines()]


# -- as HTML --------------------------------------------------------------------------------------


def _html(audit: Audit) -> Html:
    head, foot = (tag("p", tag("strong", line)) for line in (_subject(audit), audit.summary))
    rows = [tag("li", _row(finding)) for finding in audit]
    return tag("div", tag("style", Html(STYLE)), head, tag("ul", *rows), foot, class_="lx-audit")


def _row(finding: Finding) -> Html:
    remarks, more = _told(finding)
    summary = tag(
        "summary",
        tag(_MARK[finding.verdict], finding.verdict.value),
        " ",
        tag("i", str(finding.number)),
        " ",
        tag(
            "span",
            plain(finding.law),
            " ",
            tag("small", _aside(finding)) if _aside(finding) else "",
        ),
    )
    body = [part for remark in remarks for part in _remark(remark)]
    body += [tag("p", more)] if more else []
    why = tag("div", tag("em", "why"), " ", tag("small", plain(finding.why, LONGEST)))
    return tag("details", summary, *body, why, open=bool(remarks))


def _remark(remark: Remark) -> Iterator[Html]:
    yield tag("p", plain(remark.text, LONGEST))
    for label, lines in _code(remark):
        code = tag(_CODE[label], "\n".join(lines))
        yield tag("div", tag("em", label), " ", tag("pre", code))


# -- as text --------------------------------------------------------------------------------------


def _text(audit: Audit, width: int) -> Iterator[str]:
    yield from _set("", _subject(audit), width)
    for finding in audit:
        yield from _lines(finding, width)
    yield from _set("", audit.summary, width)


def _lines(finding: Finding, width: int) -> Iterator[str]:
    head = f"{finding.verdict.value} {finding.number:>2}  "
    yield from _set(head, f"{plain(finding.law)} {_aside(finding)}".rstrip(), width)
    remarks, more = _told(finding)
    indent = " " * len(head)
    for remark in remarks:
        yield from _set(indent, plain(remark.text, LONGEST), width)
        for label, lines in _code(remark):
            for line in lines:
                yield from _set(f"{indent}{label:<7}", line, width)
                label = ""
    if more:
        yield from _set(indent, more, width)
    if remarks:
        yield from _set(f"{indent}{'why':<7}", plain(finding.why, LONGEST), width)


def _set(head: str, text: str, width: int) -> Iterator[str]:
    """The text behind its head, on as many lines as it needs; continued lines are indented."""
    room = max(width - cell_len(head), 20)
    indent = " " * (len(text) - len(text.lstrip()))
    line, *words = text.lstrip().split(" ")
    line = indent + line
    for word in words:
        if cell_len(line) + 1 + cell_len(word) > room:
            yield head + line
            head, line = " " * len(head), indent + word
        else:
            line = f"{line} {word}"
        while cell_len(line) > room:
            first, *_ = chop_cells(line, room)
            yield head + first
            head, line = " " * len(head), line[len(first) :]
    yield head + line
