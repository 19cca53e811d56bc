"""One step of training, as a pure function."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.train.objective import as_objective
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


def pure_step(objective, optimizer) -> Callable:
    """The step of `train_step` before compilation."""
    update: Any = optax.with_extra_args_support(optimizer).update
    apply: Any = optax.apply_updates

    def step(ts: TrainState, batch):
        def loss_of(params):
            loss, state, metrics = objective(ts.model, params, ts.state, batch)
            if jnp.shape(loss) != ():
                raise ValueError(
                    f"the loss must be one number, got {short(loss)}; reduce it, as jnp.mean does"
                )
            return loss, (state, Tree.of(metrics))  # a dict would lose its order

        (loss, (state, metrics)), gradient = jax.value_and_grad(loss_of, has_aux=True)(ts.params)
        updates, optimizer_state = update(gradient, ts.optimizer_state, ts.params, value=loss)
        after = dataclasses.replace(
            ts,
            params=apply(ts.params, updates),
            state=state,
            optimizer_state=optimizer_state,
            step=ts.step + 1,
        )
        return after, Tree.of({"loss": loss, **metrics})

    return step
