"""Equal neighbours as one Node: twelve equal blocks, or the same few layers over and over."""

import dataclasses

from luxnb.core.spec import short
from luxnb.inspect.layout import layout
from luxnb.inspect.node import Frozen, Node, Noted, Shared

LONGEST_PERIOD = 4


def fold(node: Node) -> Node:
    """The same Nodes with equal neighbours folded, at every depth.

    A run A A A becomes one A with `repeat=3`; A B A B A B becomes one Node without a layer, with
    `repeat=3` and the children A, B. Equal means the same layer with the same shapes below it,
    under names that differ in their numbers alone: `value` and `gate` are two things to see.
    """
    return _fold(node, {})[0]


def _fold(node: Node, known: dict) -> tuple[Node, int]:
    """The folded Node, and a number that it shares with all that look like it."""
    pairs = [_fold(child, known) for child in node.children]
    kinds = tuple((child.name, kind) for child, kind in pairs)
    before = _fold(node.before, known)[1] if node.before is not None else None
    looks = (
        *(node.layer, _specs(node.params), _specs(node.state), _spec(node.output), kinds),
        *(node.faults, node.remarks, node.cost, node.mark, before),
    )
    kind = known.setdefault(looks, len(known))
    return dataclasses.replace(node, children=_runs(pairs)) if pairs else node, kind


def _specs(entries) -> tuple:
    return tuple((name, _spec(value)) for name, value in entries.items())


def _spec(value) -> str:
    """All that a view says of a value."""
    if isinstance(value, Noted):
        return f"{value.mark} {_spec(value.before)} {_spec(value.value)} {value.text}"
    if isinstance(value, Shared):
        return f"shared with {value.path}"
    if isinstance(value, Frozen):
        return f"frozen {_spec(value.value)}"
    return f"{short(value)} {layout(value)}"


def _runs(pairs: list[tuple[Node, int]]) -> tuple[Node, ...]:
    """Neighbours folded from left to right, each time by the period that saves most rows."""
    kinds = [(child.name.rstrip("0123456789"), kind) for child, kind in pairs]
    if len(set(kinds)) == len(kinds):  # most often: no two are alike
        return tuple(child for child, _ in pairs)
    folded, start = [], 0
    while start < len(pairs):
        period, times = max(
            ((p, _times(kinds, start, p)) for p in range(1, LONGEST_PERIOD + 1)),
            key=lambda run: (run[0] * (run[1] - 1), -run[0]),
        )
        end = start + period * times
        run = pairs[start : start + period]
        folded.append(_group(run, times, pairs[end - 1][0].name) if times > 1 else run[0][0])
        start = end if times > 1 else start + 1
    return tuple(folded)


def _times(kinds: list[tuple[str, int]], start: int, period: int) -> int:
    """How often kinds[start : start + period] stands there in a row."""
    pattern, times = kinds[start : start + period], 1
    while kinds[start + times * period : start + (times + 1) * period] == pattern:
        times += 1
    return times if len(pattern) == period else 1


def _group(run: list[tuple[Node, int]], times: int, last: str) -> Node:
    first = run[0][0]
    if len(run) == 1:
        return dataclasses.replace(first, repeat=times, last=last)
    return Node(first.path, first.name, children=_runs(run), repeat=times, last=last)
