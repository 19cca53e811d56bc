"""fit: a model, data, a loss and an optimiser become a Run."""

from collections.abc import Callable, Mapping
from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.train.data import check_batch_size, on_device, rows_of
from luxnb.train.objective import as_objective
from luxnb.train.run import Run
from luxnb.train.task import Task


def fit(
    model: Layer,
    data: Any,
    *,
    loss: Callable,
    optimizer: Any,
    metrics: Mapping[str, Callable] | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    batch_size: int = 32,
    seed: int = 0,
    params: Tree | None = None,
    state: Tree | None = None,
) -> Run:
    """Train `model` on `data` and return the `Run`; the same seed gives the same bits.

    θ' = θ + optimizer(∇_θ loss). `data` is (x, y), or any pytree of arrays with one row a sample;
    each epoch takes whole batches of `batch_size` in an order of its own, drawn from the seed.
    `loss` is a function of (prediction, target), or an objective
    `(model, ps, st, batch) -> (loss, st, metrics)`; `optimizer` is optax's. Training starts from
    `model.init(seed)`, or from the given `params` and `state`.

    In a live notebook it returns at once: training goes on in the background, and the run as the
    last line of a cell is its live view. In a script it waits. A loss that is not finite stops the
    run before that step; an interrupt stops it too; both keep all.

    >>> x = jnp.linspace(-1, 1, 64)[:, None]
    >>> run = fit(Dense(1, 1), (x, 3 * x), loss=losses.mse, optimizer=optax.sgd(0.3), steps=200)
    >>> run.history["loss"][-1] < 1e-6
    np.True_
    >>> run.rerun().fingerprint == run.fingerprint
    True
    """
    if not isinstance(model, Layer):
        raise TypeError(f"model must be a layer, got {model!r}; a function is one as Function(f)")
    if not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise TypeError(f"optimizer must be one of optax's, as optax.adam(1e-3), got {optimizer!r}")
    if steps is None and epochs is None:
        raise ValueError("say how long: epochs=10, or steps=1000")
    data = on_device(data)
    check_batch_size(batch_size, rows_of(data))
    task = Task(
        model, data, as_objective(loss, metrics), optimizer, batch_size, seed, params, state
    )
    return Run(task).fit(steps=steps, epochs=epochs)
