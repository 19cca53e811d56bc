"""In what two recipes differ: each value of nested data by its path, left and right."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from luxnb.train.recipe.words import call_words, digest_words, event_words

LONGEST = 100


class Differing(NamedTuple):
    """A place in two recipes that holds different values; None where there is nothing."""

    path: str
    left: Any
    right: Any

    def __str__(self):
        left, right = (_shown(self.path, value) for value in (self.left, self.right))
        if self.path.endswith("source"):
            left, right = _first_lines(left, right)
        return f"{self.path}: {_cut(left)} against {_cut(right)}"


def differing(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[Differing, ...]:
    """Where two recipes differ in what decides the bits; their results are left out.

    >>> differing({"seed": 1, "data": {"rows": 9}}, {"seed": 2, "data": {"rows": 9}})
    (Differing(path='seed', left=1, right=2),)
    """
    outside = ("format", "result")
    a, b = ({k: v for k, v in each.items() if k not in outside} for each in (left, right))
    found = tuple(_walk("", a, b))
    if any(each.path == "model.sha256" for each in found):  # an optimiser computes by shapes
        found = tuple(each for each in found if each.path != "optimizer.sha256")
    return found


def _walk(path: str, left: Any, right: Any) -> Iterator[Differing]:
    if isinstance(left, dict) and isinstance(right, dict):
        for name in {**left, **right}:
            there = f"{path}.{name}" if path else name
            yield from _walk(there, left.get(name), right.get(name))
    elif isinstance(left, list) and isinstance(right, list):
        for i in range(max(len(left), len(right))):
            a, b = (each[i] if i < len(each) else None for each in (left, right))
            yield from _walk(f"{path}[{i}]", a, b)
    elif type(left) is not type(right) or left != right:
        yield Differing(path, left, right)


def _shown(path: str, value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return digest_words(value) or "''"
    if path.startswith("optimizer"):
        return call_words(value)
    if path.startswith("interventions") and isinstance(value, dict):
        return event_words(value)
    return str(value)


def _first_lines(left: str, right: str) -> tuple[str, str]:
    """Of two sources, the first line in which they differ."""
    a, b = left.splitlines(), right.splitlines()
    for one, other in zip(a, b, strict=False):
        if one != other:
            return one.strip(), other.strip()
    n = min(len(a), len(b))
    return ("".join(each[n : n + 1]).strip() or "nothing" for each in (a, b))  # type: ignore


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
