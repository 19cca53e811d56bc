"""compare: whether runs are identical to the bit, and if not, where they part, and why."""

from typing import Any

from luxnb.train.compare.comparison import Comparison, Comparisons
from luxnb.train.compare.parting import Parting, differing_leaves, first_leaves, first_metric
from luxnb.train.compare.side import Side
from luxnb.train.recipe.difference import Differing, differing
from luxnb.train.recipe.recipe import Recipe


def compare(first: Any, *others: Any) -> Comparison | Comparisons:
    """Whether runs are identical to the bit: history, parameters, state, optimiser state.

    If not: the first step at which a metric differs, the first step after which an array does, and
    which; the arrays that differ at the end; and in what their recipes differ: seed, data, model,
    optimiser, source of the loss, versions, device, flags, what was set on the way.

    Each is a run, a checkpoint, or a recipe, also of another machine. Of more than two, each is
    compared with the first: `Comparisons`. As the last line of a cell it is the curves, overlaid.

    >>> x = jnp.ones((32, 1))
    >>> run = fit(Dense(1, 1), (x, x), loss=losses.mse, optimizer=optax.sgd(0.1), steps=3)
    >>> bool(compare(run, run.rerun()))
    True
    >>> [each.path for each in compare(run, run.rerun(seed=1)).differences]
    ['seed']
    """
    if not others:
        raise TypeError("compare takes two runs or more")
    things = (first, *others)
    if any(isinstance(thing, Recipe | dict | str) for thing in things):
        things = tuple(getattr(thing, "recipe", thing) for thing in things)
    left, *rest = map(Side.of, things)
    found = tuple(_pair(left, right) for right in rest)
    return found[0] if len(found) == 1 else Comparisons(found)


def _pair(left: Side, right: Side) -> Comparison:
    leaves = ()
    if left.leaves is not None and right.leaves is not None:
        leaves = differing_leaves(left.leaves, right.leaves)
    metric = first_metric(left.history, right.history)
    prints = left.fingerprint, right.fingerprint
    same = left.steps == right.steps and metric is None and not leaves
    identical = same and (None in prints or prints[0] == prints[1])
    known = metric.step if metric else min(left.steps, right.steps)
    parted, unknown = (None, "") if identical else _first_leaves(left, right, known)
    return Comparison(
        identical=identical,
        steps=(left.steps, right.steps),
        arrays=len(left.leaves or ()),
        step=metric and metric.step,
        metric=metric.metric if metric else "",
        values=metric.values if metric else (0.0, 0.0),
        leaves=leaves,
        fingerprints=(prints[0] or "", prints[1] or ""),
        parted=parted,
        unknown=unknown,
        differences=_differences(left, right, identical),
        curves=(_columns(left), _columns(right)),
    )


def _first_leaves(left: Side, right: Side, known: int) -> tuple[Parting | None, str]:
    """The first step after which arrays differ; or why nobody knows."""
    if left.at is None or right.at is None:
        return None, ""
    first = max(left.first, right.first)
    if known < first:
        return None, ""
    try:
        return first_leaves(left.at, right.at, first, known), ""
    except ValueError as error:  # of a stream that cannot go back
        return None, str(error)


def _differences(left: Side, right: Side, identical: bool) -> tuple[Differing, ...]:
    if identical and left.at is not None and right.at is not None:
        return ()  # a digest of all the data would take its time, and say nothing new
    recipes = (None if side.recipe is None else side.recipe() for side in (left, right))
    a, b = recipes
    return differing(a, b) if a and b else ()


def _columns(side: Side) -> dict[str, tuple]:
    steps = side.history.steps
    return {name: (steps, values) for name, values in side.history.items()}
