"""The first half of a step: the loss of a batch, its gradient, and what comes with it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.spec import is_key, short
from luxnb.core.tree import Tree
from luxnb.train.state import TrainState
from luxnb.train.step.accumulate import over_parts
from luxnb.train.step.loss_scale import all_finite
from luxnb.train.step.objective import as_objective
from luxnb.train.step.options import Options
from luxnb.train.step.precision import in_dtype


def compute_gradients(
    objective,
    ts: TrainState,
    batch,
    *,
    accumulate: int = 1,
    compute_dtype: Any = None,
    remat: Any = False,
) -> tuple[Tree, Tree, TrainState]:
    """`gradients, metrics, ts`: ∇_θ objective(model, θ, st, batch), and what came with it.

    `gradients` is a Tree like the parameters; `metrics` has `loss` first, and a `metrics.Ratio`
    where the objective gives one; the TrainState is the one given with the state that the model
    returned, and no step is counted. Pure, and not compiled: `jit` what you make of it.

    Options are those of `train_step`. Where `ts` has a loss scale, the loss is multiplied by it and
    the gradients divided; if they are not finite, nothing of the state moves on but random keys.

    >>> ts = TrainState.create(Dense(2, 1), optax.sgd(0.1), 0)
    >>> batch = jnp.ones((4, 2)), jnp.ones((4, 1))
    >>> gradients, metrics, ts = compute_gradients(losses.mse, ts, batch)
    >>> gradients
    Tree(weight=f32[2,1], bias=f32[1])
    >>> clipped = jax.tree.map(lambda g: jnp.clip(g, -0.1, 0.1), gradients)
    >>> int(apply_gradients(ts, optax.sgd(0.1), clipped).step)
    1
    """
    options = Options(accumulate, compute_dtype, remat=remat)
    return gradients_of(as_objective(objective), ts, batch, options)


def gradients_of(objective, ts: TrainState, batch, options: Options):
    """What `compute_gradients` returns."""
    measure, memory = _measure(objective, ts.model, options), ts.extras.get("loss_scale")
    scale = None if memory is None else memory.scale

    def scaled(params, state, part):
        loss, rest = measure(params, state, part)
        return loss if scale is None else loss * scale, (loss, *rest)

    def one(state, part):
        slope = jax.value_and_grad(scaled, has_aux=True)
        (_, (loss, state, metrics)), gradients = slope(ts.params, state, part)
        return state, (gradients, Tree.of({"loss": loss, **metrics}))

    state, (gradients, metrics) = over_parts(one, ts.state, batch, options.accumulate)
    if scale is not None:
        gradients = jax.tree.map(lambda g: g / scale.astype(g.dtype), gradients)
        state = _unless_lost(all_finite(gradients), state, ts.state)
    return gradients, metrics, dataclasses.replace(ts, state=state)


def loss_function(objective, ts: TrainState, batch, options: Options) -> Callable:
    """The loss of this batch as a function of parameters alone, for those who ask for it."""
    measure = _measure(objective, ts.model, options)

    def loss_of(params):
        def one(state, part):
            loss, (state, _) = measure(params, state, part)
            return state, loss

        return over_parts(one, ts.state, batch, options.accumulate)[1]

    return loss_of


def _measure(objective, model, options: Options) -> Callable:
    """`loss, (state, metrics)` of (params, state, batch)."""
    if options.compute_dtype is not None:
        objective = in_dtype(objective, options.compute_dtype)

    def measure(params, state, batch):
        loss, state, metrics = objective(model, params, state, batch)
        if jnp.shape(loss) != ():
            raise ValueError(
                f"the loss must be one number, got {short(loss)}; reduce it, as jnp.mean does"
            )
        return loss, (state, Tree.of(metrics))  # a dict would lose its order

    return jax.checkpoint(measure, policy=options.policy) if options.remat else measure


def _unless_lost(finite, new: Tree, old: Tree) -> Tree:
    """The new state; or the old one with new keys, that the next step draws other numbers."""
    return jax.tree.map(lambda a, b: a if is_key(a) else jnp.where(finite, a, b), new, old)
