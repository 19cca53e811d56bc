"""fit: a model, data, a loss and an optimiser become a Run."""

from collections.abc import Callable, Mapping
from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.train.measure.validation import Validation
from luxnb.train.prepare import prepare
from luxnb.train.run import Run
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.step.loss_scale import LossScale


def fit(
    model: Layer,
    data: Any,
    *,
    loss: Callable,
    optimizer: Any,
    metrics: Mapping[str, Callable] | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    params: Tree | None = None,
    state: Tree | None = None,
    start: TrainState | Standing | None = None,
    validation: Validation | Any = None,
    checkpoints: Any = None,
    accumulate: int = 1,
    compute_dtype: Any = None,
    loss_scale: LossScale | float | None = None,
    remat: Any = False,
    average: float | None = None,
) -> Run:
    """Train `model` on `data` and return the `Run`; the same seed gives the same bits.

    θ' = θ + optimizer(∇_θ loss). `data` is (x, y), or any pytree of arrays with one row a sample;
    each epoch takes whole batches of `batch_size` (32) in an order of its own, drawn from the seed.
    A generator, a list of batches or a loader gives whole batches in its own order (`stream`).
    `loss` is a function of (prediction, target), or an objective
    `(model, ps, st, batch) -> (loss, st, metrics)`; `optimizer` is optax's. Training starts from
    `model.init(seed)`, from the given `params` and `state`, or goes on from the TrainState `start`.
    `accumulate`, `compute_dtype`, `loss_scale`, `remat` and `average` are those of `train_step`.
    `checkpoints` is a folder to which the run is saved while it goes on (`Checkpoints`).

    `validation` are data of their own for every epoch, or a `Validation`, which may stop it early.

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
    given = dict(locals())
    if steps is None and epochs is None:
        raise ValueError("say how long: epochs=10, or steps=1000")
    return Run(prepare(given)).fit(steps=steps, epochs=epochs)
