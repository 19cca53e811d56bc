"""What a person sees of a summary: the model's tree with its costs, and what it takes to run."""

from collections.abc import Iterator

from luxnb.core.spec import short
from luxnb.core.view import View, view
from luxnb.display.cards import card
from luxnb.display.numbers import operations, size
from luxnb.display.plain import plain
from luxnb.inspect.summary import Summary


@view.register
def view_summary(summary: Summary) -> View:
    """The tree with outputs, operations and bytes, and sentences on the whole."""
    return card(summary.root, tuple(_notes(summary)))


def _notes(summary: Summary) -> Iterator[str]:
    mode = f" in {summary.mode.value} mode" if summary.mode else ""
    said = f"For x {plain(short(summary.x))}{mode}: {operations(summary.flops)} forward"
    if summary.backward_flops is not None:
        said += f", {operations(summary.backward_flops)} backward"
    yield said
    memory = f"Memory: {size(summary.activation_bytes)} of activations"
    if summary.kept_bytes is not None:
        memory += f", {size(summary.kept_bytes)} kept for the backward pass"
    if summary.optimizer_bytes is not None:
        memory += f", {size(summary.optimizer_bytes)} of the optimizer"
    yield memory
