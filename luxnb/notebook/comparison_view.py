"""What a person sees of a comparison: ✓ or ✗, where runs part, what differs, and the curves."""

import base64
import importlib

from luxnb.core.view import View, view
from luxnb.display.element import Html, tag
from luxnb.display.plain import plain
from luxnb.notebook.table import Table, html_table
from luxnb.train.compare.comparison import Comparison, Comparisons
from luxnb.train.recipe.difference import Differing
from luxnb.train.recipe.recipe import Recipe
from luxnb.train.recipe.replay import Replay
from luxnb.train.recipe.words import in_words

LONGEST = 500


@view.register
def view_comparison(comparison: Comparison) -> View:
    """One line when the runs are identical; else all that is known, and the curves of both."""
    text = _marked(comparison.identical, repr(comparison))
    if comparison.identical:
        return View(text, _words(text))
    labels = [_label(1, comparison, 0), _label(2, comparison, 1)]
    runs = list(zip(labels, comparison.curves, strict=True))
    return View(text, tag("div", _words(text), _picture(runs, comparison.step)))


@view.register
def view_comparisons(comparisons: Comparisons) -> View:
    """What was found of each, and the curves of all in one figure."""
    text = _marked(bool(comparisons), repr(comparisons))
    first = comparisons[0]
    runs = [("1", first.curves[0])]
    for number, other in enumerate(comparisons.others, 2):
        runs.append((_label(number, other, 1), other.curves[1]))
    return View(text, tag("div", _words(text), "" if comparisons else _picture(runs, first.step)))


@view.register
def view_replay(replay: Replay) -> View:
    """Whether the recipe came out to the bit, and what differs."""
    text = _marked(replay.identical, repr(replay))
    return View(text, _words(text))


@view.register
def view_recipe(recipe: Recipe) -> View:
    """Its parts in words, and under them the JSON that can be sent."""
    table: Table = [("recipe", "")]
    table += [(plain(name), plain(words, LONGEST)) for name, words in in_words(recipe.to_dict())]
    source = tag("details", tag("summary", "JSON"), tag("pre", recipe.to_json()))
    text = "\n".join(plain(line, 2 * LONGEST) for line in repr(recipe).split("\n"))
    left = tag("style", ".lx-recipe :is(th,td){text-align:left!important}")
    return View(text, tag("div", left, html_table(table), source, class_="lx-recipe"))


def _marked(good: bool, text: str) -> str:
    return "\n".join(plain(line, LONGEST) for line in f"{'✓' if good else '✗'} {text}".split("\n"))


def _words(text: str) -> Html:
    head, *rest = text.split("\n")
    below = tag("pre", "\n".join(rest)) if rest else Html()
    return tag("p", tag("strong", head[:1]), head[1:]) + below


def _label(number: int, comparison: Comparison, side: int) -> str:
    """`2 · seed 4`: the number of a run, and what it has to itself, if that can be said shortly."""
    for each in comparison.differences:
        value = (each.left, each.right)[side]
        if _is_short(each) and value is not None:
            return f"{number} · {each.path.rpartition('.')[2]} {value}"
    return str(number)


def _is_short(each: Differing) -> bool:
    name = each.path.rpartition(".")[2]
    values = each.left, each.right
    return name not in ("sha256", "source") and all(len(str(value)) <= 16 for value in values)


def _picture(runs: list[tuple[str, dict]], mark: int | None) -> Html:
    if not any(len(steps) for _, curves in runs for steps, _ in curves.values()):
        return Html()
    # matplotlib takes a second to import; only a picture needs it.
    png = importlib.import_module("luxnb.display.overlay").overlay_png(runs, mark=mark)
    last = "; ".join(
        f"run {label}: " + ", ".join(f"{n} {v[-1]:.4g}" for n, (_, v) in curves.items() if len(v))
        for label, curves in runs
    )
    return tag(
        "img",
        src=f"data:image/png;base64,{base64.b64encode(png).decode()}",
        alt=f"curves of {len(runs)} runs, at the end {last}",
        style="max-width:100%;width:auto;max-height:24em",
    )
