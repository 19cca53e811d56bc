"""What stands below a tree: Lux's sentence that sums it up, and what else its arrays tell."""

from collections import Counter
from collections.abc import Iterator

from luxnb.core.spec import is_array, is_key, short_dtype
from luxnb.display.numbers import grouped, percent, signed, size
from luxnb.inspect.count import Tally, count
from luxnb.inspect.layout import bytes_on_a_device, layout
from luxnb.inspect.node import Frozen, Node, Noted


def sentences(root: Node, total: Tally, change: Tally | None) -> Iterator[str]:
    """`Total: 235,914 parameters (944 kB), plus 768 states (3 kB)`, and the like.

    `change` is by how much the sums grew, in a difference.
    """
    what = "element" if root.layer is None else "parameter"
    said = f"Total: {_amount(total.parameters, what, total.parameter_bytes)}"
    said += _dtypes(root)
    if total.frozen:
        said += f", plus {grouped(total.frozen)} frozen ({size(total.frozen_bytes)})"
    if total.states:
        said += f", plus {_amount(total.states, 'state', total.state_bytes)}"
    if change is not None and change.parameters:
        before = total.parameters - change.parameters
        sign = "+" if change.parameters > 0 else "−"
        share = f" ({sign}{percent(abs(change.parameters), before)})" if before else ""
        said += f"; {signed(change.parameters, grouped)}{share}"
    yield said
    arrays = list(_arrays(root))
    if any(layout(array) for array, _, _ in arrays):
        here = sum(times * bytes_on_a_device(array) for array, times, _ in arrays)
        yield f"On each device: {size(here)}"


def _amount(number: int, what: str, bytes: int) -> str:
    amount = f" ({size(bytes)})" if number else ""
    return f"{grouped(number)} {what}{'s' * (number != 1)}{amount}"


def _dtypes(root: Node) -> str:
    """Where the parameters are of several dtypes: how many are of each but the most frequent."""
    numbers = Counter()
    for array, times, is_trained in _arrays(root):
        if is_trained:
            numbers[short_dtype(array.dtype)] += times * count(array)
    few = [f"{grouped(number)} {dtype}" for dtype, number in numbers.most_common()[1:] if number]
    return f", of them {' and '.join(few)}" if few else ""


def _arrays(node: Node, times: int = 1) -> Iterator[tuple]:
    """Each array, how often it is there, and whether it is trained."""
    times *= node.repeat
    for own in (node.params, node.state) if node.mark != "−" else ():
        for value in own.values():
            if isinstance(value, Noted):
                value = value.value if value.mark != "−" else None
            is_trained = own is node.params and not isinstance(value, Frozen)
            if isinstance(value, Frozen):
                value = value.value
            if is_array(value) and not is_key(value):
                yield value, times, is_trained
    for child in node.children:
        yield from _arrays(child, times)
