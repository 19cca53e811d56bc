"""diff: one tree of two models, or of two Trees, in which what differs is marked."""

from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.inspect.count import tally
from luxnb.inspect.diff.difference import Difference
from luxnb.inspect.diff.merge import Merger
from luxnb.inspect.diff.subject import Subject, subject
from luxnb.inspect.frozen import frozen_in_place
from luxnb.inspect.summary import summary


def diff(a: Any, b: Any, x: Any = None) -> Difference:
    """What was added, removed and changed from `a` to `b`.

    Both are layers; or Trees, or other nested mappings of arrays; or TrainStates, or Runs, of which
    the model, its parameters and state, the optimiser's state and the step are compared. Of layers,
    fields and shapes are compared, and with an input `x`, an array or its shape as `summary` takes
    it, outputs and floating-point operations too. Of arrays that are there, every bit is.

    Layers are laid side by side as `match` does: what was inserted, removed, renamed, moved, or put
    around another layer is known as such. In a Tree, what has the same path is the same.

    >>> model = Chain(Dense(784, 256, jax.nn.relu), Dense(256, 10))
    >>> found = diff(model, Chain(Dense(784, 256, jax.nn.gelu), Dropout(0.1), Dense(256, 10)))
    >>> found
    1 layer changed, 1 added: 203,530 parameters
    >>> for change in found.changes:
    ...     print(*change)
    layer_1 ~ activation jax.nn.relu → jax.nn.gelu
    layer_2 + Dropout(0.1)
    """
    old, new = _subject(a, x), _subject(b, x)
    if old.kind != new.kind:
        raise TypeError(f"diff compares like with like, got {old.kind} and {new.kind}")
    merger = Merger()
    root = merger.merge(old.root, new.root)
    sums = tally(old.root), tally(new.root)
    return Difference(
        root,
        tuple(merger.changes),
        (sums[0].parameters, sums[1].parameters),
        None if x is None else (sums[0].flops, sums[1].flops),
        merger.counts,
    )


def _subject(value, x) -> Subject:
    if x is not None:
        if not isinstance(value, Layer):
            raise TypeError(
                f"an input x tells what layers cost, and goes with layers; got {short(value)}"
            )
        return Subject("a layer", frozen_in_place(summary(value, x).root))
    found = subject(value)
    if found.kind is None:
        raise TypeError(
            "diff takes two layers, two Trees or nested dicts, two TrainStates or two Runs; "
            f"got {short(value)}"
        )
    return found
