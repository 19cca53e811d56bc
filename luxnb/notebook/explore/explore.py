"""explore: the front door of the explorer."""

from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.inspect.inputs import input_shapes
from luxnb.inspect.misfit import fitting
from luxnb.inspect.shapes import shapes
from luxnb.notebook.explore.explorer import Explorer
from luxnb.train.feed.feed import batch_shapes
from luxnb.train.run import Run


def explore(model: Layer | Run, ps=None, st=None, x: Any = None) -> Explorer:
    """Look into a model and edit it: on the page, as the last line of a notebook cell, or by code.

    Returns an `Explorer`. Change a hyper-parameter of any layer, insert, duplicate, move or remove
    layers: the shapes, counts and operations of the whole model follow at once, by shapes alone,
    and a layer that no longer fits is shown with the reason. `ps` and `st`, parameters and state,
    are looked into as well, and never changed; `x`, an array, a shape or a pytree of them, is what
    the model is given. The model itself is a value: `explorer.model` is the edited one,
    `explorer.code` the Python that builds it, and `explorer.transfer()` its parameters, with the
    values of all layers that were not changed.

    Of a `Run`, what it trains is looked into as it trains; editing works on a copy.

    >>> explorer = explore(Chain(Dense(8, 32, jax.nn.relu), Dense(32, 1)), x=(4, 8))
    >>> explorer.edit("layer_1", out_dims=64).edit("layer_2", in_dims=64)
    <Explorer of Chain, edited>
    >>> print(explorer.code)
    import jax
    import luxnb as lx
    <BLANKLINE>
    model = lx.Chain(lx.Dense(8, 64, jax.nn.relu), lx.Dense(64, 1))
    <BLANKLINE>
    >>> explorer.undo()
    True
    """
    if isinstance(model, Run):
        if ps is not None or st is not None:
            raise TypeError("a run has its own parameters and state: write explore(run)")
        return Explorer(model.model, x=_batch(model) if x is None else input_shapes(x), run=model)
    if not isinstance(model, Layer):
        raise TypeError(
            f"explore needs a layer or a run, got {short(model)}; for arrays, view(ps) shows a Tree"
        )
    _check(model, ps, st)
    params, state = (tree if tree is None else Tree.of(tree) for tree in (ps, st))
    return Explorer(model, params, state, None if x is None else input_shapes(x))


def _check(model: Layer, ps, st) -> None:
    """Parameters and state are those of the model, as far as they are given."""
    expected = shapes(model) if ps is not None or st is not None else (None, None)
    params, state = (
        e if tree is None else tree for tree, e in zip((ps, st), expected, strict=True)
    )
    wrong = fitting(model, params, state)[2] if params is not None else ()
    if wrong:
        raise ValueError(f"explore needs the parameters and the state of this model; {wrong[0]}")


def _batch(run: Run):
    """The shapes of the inputs in one step of a run, whose data is most often (x, y)."""
    data = batch_shapes(run.task.feed)
    return input_shapes(data[0] if isinstance(data, tuple | list) and data else data)
