"""TrainState: all that a step of training changes, as one value."""

import dataclasses
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.core.types import Array
from luxnb.train.step.options import Options

NOTHING = Tree()


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["params", "state", "optimizer_state", "step", "extras"],
    meta_fields=["model"],
)
@dataclasses.dataclass(frozen=True)
class TrainState:
    """A model in training: a pytree of its parameters, its state, the optimiser's, and the count.

    - `model`: the layer, static.
    - `params`, `state`: Trees, as `model.init` makes them.
    - `optimizer_state`: what the optimiser remembers.
    - `step`: how many steps were taken, int32.
    - `extras`: what options of a step remember (`Options`); mostly empty.

    >>> model = Dense(2, 1)
    >>> ts = TrainState.create(model, optax.sgd(0.1), 0)
    >>> int(ts.step)
    0
    """

    model: Layer
    params: Tree
    state: Tree
    optimizer_state: Any
    step: Array
    extras: Tree = NOTHING

    @classmethod
    def create(
        cls,
        model: Layer,
        optimizer,
        key=None,
        *,
        params: Any = None,
        state: Any = None,
        **options,
    ) -> "TrainState":
        """The state before the first step: fresh from `key`, or from given `params` and `state`.

        `options` are those of `train_step`, of which some remember something, as `average=0.999`.
        """
        if (params is None) != (state is None):
            raise ValueError("give both params and state, or neither")
        if params is None:
            if key is None:
                raise ValueError("TrainState.create needs a key (or a seed), or params and state")
            params, state = model.init(key)
        params, step = Tree.of(params), jnp.zeros((), jnp.int32)
        extras = Options(**options).extras(params)
        return cls(model, params, Tree.of(state), optimizer.init(params), step, extras)


def check_like(start: TrainState, wanted: TrainState) -> None:
    """Raise unless `start` has the arrays of `wanted`, which may be of shapes."""
    here, there = (dict(_leaves(ts)) for ts in (start, wanted))
    for path in {**there, **here}:
        if path not in here or path not in there:
            which = "the start has" if path not in there else "the start lacks"
            raise ValueError(
                f"{which} {path}, so it is of another model, optimiser or options; to keep its "
                "parameters alone, write params=start.params, state=start.state"
            )
        if here[path] != there[path]:
            raise ValueError(
                f"{path} of the start is {here[path]}, and the model and the optimiser make "
                f"{there[path]}"
            )


def _leaves(ts: TrainState):
    for path, leaf in jax.tree_util.tree_leaves_with_path(ts):
        yield jax.tree_util.keystr(path).lstrip("."), short(leaf)
