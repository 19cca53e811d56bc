"""Columns: what a Node returns, how much it holds and what it costs, in one cell each."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from luxnb.core.spec import short
from luxnb.display.numbers import grouped, operations, signed, size
from luxnb.display.plain import plain
from luxnb.inspect.count import Tally
from luxnb.inspect.node import Node, Noted

LONGEST_OUTPUT = 32


@dataclass(frozen=True)
class Column:
    """`cell(node, tally)` is what stands in a Node's row; in a difference the tally is the change.

    Where there is no room for a column its cells stand among the words, as `said` says them.
    """

    heading: str
    cell: Callable[[Node, Tally], str]
    rank: int  # the smallest stay longest
    said: str = "{}"
    is_left: bool = False  # set from the left, for text


def columns(root: Node, is_difference: bool) -> tuple[Column, ...]:
    """The columns in which some row has something to say."""
    nodes = list(_all(root))
    costs = [node.cost for node in nodes if node.cost is not None]
    amount = functools.partial(_amount, is_difference=is_difference)
    if root.layer is None:
        what = [amount("elements", "parameters", grouped, 0)]
        what += [amount("bytes", "parameter_bytes", size, 1)]
    else:
        what = [amount("parameters", "parameters", grouped, 0)]
    if any(node.output is not None for node in nodes) and not is_difference:
        what.insert(0, Column("output", _output, 1, is_left=True))
    if costs:
        what.append(amount("operations", "flops", operations, 2))
        what.append(amount("memory", "output_bytes", size, 3, "{} of activations"))
    if any(cost.backward_flops is not None for cost in costs):
        what.append(amount("backward", "backward_flops", operations, 4, "{} backward"))
    if any(cost.kept_bytes is not None for cost in costs):
        what.append(amount("kept", "kept_bytes", size, 5, "{} kept"))
    return tuple(what)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _amount(
    heading: str,
    field: str,  # of the tally
    words: Callable[[int], str],
    rank: int,
    said: str = "{}",
    *,
    is_difference: bool,
) -> Column:
    """A column of numbers; nothing is said of none."""

    def cell(node: Node, tally: Tally) -> str:
        number = getattr(tally, field)
        if not number:
            return ""
        return signed(number, words) if is_difference else words(number)

    return Column(heading, cell, rank, said)


def _output(node: Node, tally: Tally) -> str:
    if node.output is None:
        return ""
    noted = node.output if isinstance(node.output, Noted) else Noted(node.output)
    return f"→ {compact(noted.value)} {plain(noted.text, 120)}".rstrip()


def changed_output(node: Node) -> str:
    """In a difference: what a Node returns where it is new, and before that what it returned."""
    if isinstance(node.output, Noted) and node.output.mark == "~":
        return f"{compact(node.output.before)} → {compact(node.output.value)}"
    return _output(node, Tally()) if node.mark == "+" else ""


def compact(value) -> str:
    """A pytree of shapes in a few words."""
    return plain(short(value), LONGEST_OUTPUT)
