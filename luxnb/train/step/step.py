"""One step of training, as a pure function, and its second half for those who write their own."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.train.measure.metrics import quotient
from luxnb.train.state import TrainState
from luxnb.train.step import average as averages
from luxnb.train.step.gradients import gradients_of, loss_function
from luxnb.train.step.loss_scale import all_finite
from luxnb.train.step.objective import as_objective
from luxnb.train.step.options import PLAIN, Options
from luxnb.train.step.update import update


def train_step(
    objective,
    optimizer,
    *,
    accumulate: int = 1,
    compute_dtype: Any = None,
    loss_scale: Any = None,
    remat: Any = False,
    average: float | None = None,
) -> Callable:
    """`ts, metrics = step(ts, batch)`, compiled: loss, gradient, update.

    θ' = θ + optimizer(∇_θ objective(model, θ, st, batch)). `objective` is
    `(model, ps, st, batch) -> (loss, st, metrics)`, or a loss of (prediction, target). The
    metrics are a Tree of numbers with `loss` first, that of the parameters before the update.

    - `accumulate`: in how many equal parts, one after the other, the batch is taken; gradients and
      metrics are their means, the state goes through them, and there is one update.
    - `compute_dtype`: in which dtype the model computes, as "bfloat16"; parameters, gradients,
      update and loss keep theirs. An objective of your own is given all floats of the batch in it.
    - `loss_scale`: a `LossScale`, or a constant; for float16 it is `LossScale()`.
    - `remat`: compute again in the backward pass instead of keeping what was computed: True keeps
      products of matrices and convolutions, a policy of `jax.checkpoint_policies` what it says.
    - `average`: the decay, as 0.999, of a moving average of the parameters, `ts.extras.average`.

    The TrainState holds what `loss_scale` and `average` remember: give both to its `create`, too.

    >>> step = train_step(losses.mse, optax.sgd(0.1))
    >>> ts = TrainState.create(Dense(2, 1), optax.sgd(0.1), 0)
    >>> ts, metrics = step(ts, (jnp.ones((4, 2)), jnp.ones((4, 1))))
    >>> int(ts.step), list(metrics)
    (1, ['loss'])
    """
    options = Options(accumulate, compute_dtype, loss_scale, remat, average)
    return jax.jit(pure_step(as_objective(objective), optimizer, options))


def pure_step(objective, optimizer, options: Options = PLAIN) -> Callable:
    """The step of `train_step` before compilation."""

    def step(ts: TrainState, batch):
        options.check(ts.extras)
        gradients, metrics, after = gradients_of(objective, ts, batch, options)
        again = loss_function(objective, ts, batch, options)
        after = _applied(after, optimizer, gradients, options, metrics.loss, again)
        numbers = {name: quotient(metric) for name, metric in metrics.items()}
        if options.loss_scale is not None:
            numbers.setdefault("loss_scale", ts.extras.loss_scale.scale)
        return after, Tree.of(numbers)

    return step


def apply_gradients(
    ts: TrainState,
    optimizer,
    gradients,
    *,
    loss: Any = None,
    loss_function: Callable | None = None,
    loss_scale: Any = None,
    average: float | None = None,
) -> TrainState:
    """θ' = θ + optimizer(gradients): the TrainState one step on.

    `optimizer` is the one of which the TrainState holds the state; those of optax that look at the
    loss, such as a reduction on a plateau, are given `loss`; those that search along a line, such
    as `optax.lbfgs`, also `loss_function`, of parameters alone. `loss_scale` and `average` are
    those of `train_step`. Gradients of another structure or of other shapes than the parameters are
    a ValueError.
    """
    options = Options(loss_scale=loss_scale, average=average)
    options.check(ts.extras)
    gradients = _like(ts.params, gradients)
    return _applied(ts, optimizer, gradients, options, loss, loss_function)


def _applied(ts: TrainState, optimizer, gradients, options: Options, *asked) -> TrainState:
    params, optimizer_state = update(optimizer, gradients, ts.optimizer_state, ts.params, *asked)
    extras = ts.extras
    if options.average is not None:
        extras = extras.replace(**averages.follow(extras, params, options.average))
    after = dataclasses.replace(
        ts, params=params, optimizer_state=optimizer_state, step=ts.step + 1, extras=extras
    )
    return after if options.loss_scale is None else _unless_lost(after, ts, gradients, options)


def _unless_lost(after: TrainState, before: TrainState, gradients, options) -> TrainState:
    """The TrainState after a step; where the gradients are not finite, the one before, counted."""
    finite = all_finite(gradients)
    scale = options.loss_scale.follow(before.extras.loss_scale, finite)
    kept = jax.tree.map(lambda new, old: jnp.where(finite, new, old), after, before)
    return dataclasses.replace(kept, step=after.step, extras=kept.extras.replace(loss_scale=scale))


def _like(params: Tree, gradients) -> Tree:
    """The gradients in the order of the parameters, once it is seen that they belong to them."""
    wanted, given = (
        {jax.tree_util.keystr(path).lstrip("."): leaf for path, leaf in leaves}
        for leaves in map(jax.tree_util.tree_leaves_with_path, (params, Tree.of(gradients)))
    )
    for path in {**wanted, **given}:
        if path not in given or path not in wanted:
            where = "the gradients have" if path in wanted else "the parameters have"
            raise ValueError(f"{where} nothing at {path}: there must be one for each parameter")
        if jnp.shape(wanted[path]) != jnp.shape(given[path]):
            raise ValueError(
                f"the gradient of {path} is {short(given[path])}, and the parameter is "
                f"{short(wanted[path])}: shapes must agree"
            )
    return jax.tree.unflatten(jax.tree.structure(params), [given[path] for path in wanted])
