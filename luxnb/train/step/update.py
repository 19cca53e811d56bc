"""The update of an optimiser, which is given all that optimisers of optax ask for."""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import optax

from luxnb.core.tree import Tree


def update(
    optimizer: Any,
    gradients: Any,
    optimizer_state: Any,
    params: Tree,
    loss: Any = None,
    loss_function: Callable | None = None,
) -> tuple[Tree, Any]:
    """The parameters and the optimiser's state after an update.

    Most need the gradients alone. A reduction on a plateau asks for the loss, a search along a line
    for the loss as a function of parameters, sharpness-aware minimisation for its gradient.
    """
    function: Any = optax.with_extra_args_support(optimizer).update
    given = _asked_for(function, gradients, loss, loss_function)
    updates, optimizer_state = function(gradients, optimizer_state, params, **given)
    apply: Any = optax.apply_updates
    return apply(params, updates), optimizer_state


def _asked_for(function: Callable, gradients, loss, loss_function) -> dict[str, Any]:
    """Keyword arguments by the names that optax has for them, if the optimiser takes them."""
    if loss is None:
        return {}
    parameters = inspect.signature(function).parameters
    given = {"value": loss}
    if loss_function is not None:

        def value_fn(params, obj_fn=None):  # which a search along a line hands on, by this name
            return loss_function(params)

        given |= {"grad": gradients, "value_fn": value_fn, "obj_fn": value_fn}
        if "grad_fn" in parameters:
            given["grad_fn"] = lambda params, _: jax.grad(loss_function)(params)
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return given
    return {name: value for name, value in given.items() if name in parameters}
