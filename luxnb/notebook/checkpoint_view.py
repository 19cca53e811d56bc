"""What a person sees of a checkpoint: the tree of what it holds, where it stood, how to go on."""

import datetime
from collections.abc import Iterator

from luxnb.core.tree import Tree
from luxnb.core.view import View, view
from luxnb.display.cards import card
from luxnb.display.plain import plain
from luxnb.inspect.walk import walk, walk_tree
from luxnb.train.checkpoint.checkpoint import Checkpoint
from luxnb.train.measure.history import History


@view.register
def view_checkpoint(checkpoint: Checkpoint) -> View:
    """Parameters and state, in the model's tree where the model was given, and sentences below."""
    params, state = checkpoint.params, checkpoint.state
    if checkpoint.model is None:
        root = walk_tree(Tree(params=params, state=state))
    else:
        root = walk(checkpoint.model, params, state)
    return card(root, tuple(_notes(checkpoint)))


def _notes(checkpoint: Checkpoint) -> Iterator[str]:
    said = checkpoint.metadata
    when = datetime.datetime.fromtimestamp(said["saved"], datetime.UTC).strftime("%Y-%m-%d %H:%M")
    by = " · ".join(f"{plain(name)} {plain(value)}" for name, value in said["versions"].items())
    yield f"{plain(checkpoint.path)} · saved {when} UTC · {by}"
    yield f"Step {checkpoint.step:,} of {checkpoint.target:,}{_last(checkpoint.history)}"
    if len(checkpoint.validation):
        at = f", at step {checkpoint.validation.steps[-1]:,}"
        best = checkpoint.arrays.get("best.step")
        kept = "" if best is None else f"; the best, at step {int(best):,}, is kept"
        yield f"Validation{_last(checkpoint.validation)}{at}{kept}"
    yield f"Go on: lx.load({plain(checkpoint.path)!r}, model, data=…)"


def _last(history: History) -> str:
    rows = history.since(max(0, len(history) - 1))
    words = [
        f" · {plain(name)} {value:.4g}"
        for row in rows
        for name, value in zip(history, row, strict=True)
    ]
    return "".join(words)
