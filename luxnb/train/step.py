"""One step of training, as a pure function, and its two halves for those who write their own."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.train.objective import as_objective
from luxnb.train.options import PLAIN, Options
from luxnb.train.state import TrainState


def train_step(objective, optimizer) -> Callable:
    """`ts, metrics = step(ts, batch)`, compiled: loss, gradient, update.

    θ' = θ + optimizer(∇_θ objective(model, θ, st, batch)). `objective` is
    `(model, ps, st, batch) -> (loss, st, metrics)`, or a loss of (prediction, target). The
    metrics are a Tree with `loss` first, that of the parameters before the update.

    >>> step = train_step(losses.mse, optax.sgd(0.1))
    >>> ts = TrainState.create(Dense(2, 1), optax.sgd(0.1), 0)
    >>> ts, metrics = step(ts, (jnp.ones((4, 2)), jnp.ones((4, 1))))
    >>> int(ts.step), list(metrics)
    (1, ['loss'])
    """
    return jax.jit(pure_step(as_objective(objective), optimizer))


def pure_step(objective, optimizer, options: Options = PLAIN) -> Callable:
    """The step of `train_step` before compilation."""

    def step(ts: TrainState, batch):
        gradients, metrics, ts = _gradients(objective, ts, batch)
        return apply_gradients(ts, optimizer, gradients, loss=metrics.loss), metrics

    return step


def compute_gradients(objective, ts: TrainState, batch) -> tuple[Tree, Tree, TrainState]:
    """`gradients, metrics, ts`: ∇_θ objective(model, θ, st, batch), and what came with it.

    `gradients` is a Tree like the parameters; `metrics` has `loss` first; the TrainState is the
    one given with the state that the model returned, and no step is counted. Pure, and not
    compiled: `jit` what you make of it.

    >>> ts = TrainState.create(Dense(2, 1), optax.sgd(0.1), 0)
    >>> batch = jnp.ones((4, 2)), jnp.ones((4, 1))
    >>> gradients, metrics, ts = compute_gradients(losses.mse, ts, batch)
    >>> gradients
    Tree(weight=f32[2,1], bias=f32[1])
    >>> clipped = jax.tree.map(lambda g: jnp.clip(g, -0.1, 0.1), gradients)
    >>> int(apply_gradients(ts, optax.sgd(0.1), clipped).step)
    1
    """
    return _gradients(as_objective(objective), ts, batch)


def apply_gradients(ts: TrainState, optimizer, gradients, *, loss=None) -> TrainState:
    """θ' = θ + optimizer(gradients): the TrainState one step on.

    `optimizer` is the one of which the TrainState holds the state; those of optax that look at the
    loss, such as a reduction on a plateau, are given `loss`. Gradients of another structure or of
    other shapes than the parameters are a ValueError.
    """
    _check_like(ts.params, gradients)
    update: Any = optax.with_extra_args_support(optimizer).update
    apply: Any = optax.apply_updates
    given = {} if loss is None else {"value": loss}
    updates, optimizer_state = update(gradients, ts.optimizer_state, ts.params, **given)
    return dataclasses.replace(
        ts,
        params=apply(ts.params, updates),
        optimizer_state=optimizer_state,
        step=ts.step + 1,
    )


def _gradients(objective, ts: TrainState, batch) -> tuple[Tree, Tree, TrainState]:
    def loss_of(params):
        loss, state, metrics = objective(ts.model, params, ts.state, batch)
        if jnp.shape(loss) != ():
            raise ValueError(
                f"the loss must be one number, got {short(loss)}; reduce it, as jnp.mean does"
            )
        return loss, (state, Tree.of(metrics))  # a dict would lose its order

    (loss, (state, metrics)), gradients = jax.value_and_grad(loss_of, has_aux=True)(ts.params)
    return gradients, Tree.of({"loss": loss, **metrics}), dataclasses.replace(ts, state=state)


def _check_like(params: Tree, gradients) -> None:
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
