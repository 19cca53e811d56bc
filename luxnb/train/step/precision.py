"""Mixed precision: the objective in a small dtype, parameters and their update in a large one."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.cast import cast, float_dtype, is_floats
from luxnb.train.step.objective import Objective, Supervised


def in_dtype(objective: Objective, dtype: Any) -> Objective:
    """The objective of parameters and batches that are cast to `dtype`.

    Of a loss of (prediction, target), the model's input alone is cast, and its prediction cast
    back: the loss is computed as without it. The state that comes back has the dtypes that it had,
    and the gradient, which goes through the cast, has those of the parameters.
    """

    def computed(model, ps, st, batch):
        if isinstance(objective, Supervised):
            loss, new, metrics = objective(_predicting(model, dtype), ps, st, batch)
        else:
            loss, new, metrics = objective(model, cast(ps, dtype), st, cast(batch, dtype))
        return _at_least_float32(loss), _as_it_was(st, new), metrics

    return computed


def _predicting(model: Callable, dtype) -> Callable:
    def predict(x, ps, st):
        given = float_dtype(ps, x)
        y, st = model(cast(x, dtype), cast(ps, dtype), st)
        return y if given is None else cast(y, given), st

    return predict


def _as_it_was(old, new):
    if jax.tree.structure(old) != jax.tree.structure(new):
        return new  # which is an error elsewhere
    return jax.tree.map(lambda a, b: b.astype(a.dtype) if is_floats(b) else b, old, new)


def _at_least_float32(loss):
    loss = jnp.asarray(loss)
    return loss.astype(jnp.promote_types(loss.dtype, jnp.float32))
