"""sweep: a run becomes a Sweep, over seeds and over hyper-parameters of its optimiser."""

from collections.abc import Iterable
from typing import Any

import jax

from luxnb.core.spec import short
from luxnb.train import again
from luxnb.train.run import Run
from luxnb.train.running.intervention import Intervention
from luxnb.train.sweep.grid import grid
from luxnb.train.sweep.spread import spread
from luxnb.train.sweep.sweep import Sweep
from luxnb.train.sweep.task import SweepTask


def sweep(
    run: Run,
    *,
    seeds: Iterable[int] | None = None,
    steps: int | None = None,
    epochs: int | None = None,
    **hyperparameters: Any,
) -> Sweep:
    """Train `run` again with every seed, and every hyper-parameter, all in one program.

    θᵢ' = θᵢ + optimizer(∇ loss(θᵢ)) for all members i at once, by `vmap`. Members are the product
    of `seeds` and of the values of each hyper-parameter, which the run's optimiser keeps where they
    can be set: `optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)`. A seed decides what it
    does in `fit`: parameters, dropout and the order of rows in memory; batches of a stream are
    shared. It trains as far as the run was planned, or for so many `steps` or `epochs`.

    Run again, a sweep ends with the same bits. One member and `run.rerun(seed=3)` agree to rounding
    alone: they are different programs. What was set while the run trained is set again, unless the
    sweep is over it; validation and checkpoints are left out.

    >>> x = jnp.linspace(-1, 1, 64)[:, None]
    >>> sgd = optax.inject_hyperparams(optax.sgd)(learning_rate=0.3)
    >>> run = fit(Dense(1, 1), (x, 3 * x), loss=losses.mse, optimizer=sgd, steps=20)
    >>> several = sweep(run, seeds=range(4), learning_rate=[0.1, 0.3])
    >>> several.history["loss"].shape, several.params.weight.shape
    ((8, 20), (8, 1, 1))
    >>> several.best().values["learning_rate"]
    0.3
    """
    if not isinstance(run, Run):
        raise TypeError(f"sweep varies a run, as run = lx.fit(…), got {short(run)}")
    alone = run.task
    if not alone.feed.rewindable:
        raise ValueError(
            "the data are an iterator, which only one training can go through: give fit a function "
            "that makes it, as data=lambda: iter(loader)"
        )
    members = grid(alone, seeds, hyperparameters)
    task = SweepTask.of(alone, members)
    how_far = again.length(alone, {"steps": steps, "epochs": epochs}, run.latest.target)
    return Sweep(task, _settings(run, task)).fit(**how_far)


def _settings(run: Run, task: SweepTask) -> list[Intervention]:
    """What was set in the run, for all members; but not what they differ in."""
    begin, state = run.task.begin, jax.eval_shape(task.start).optimizer_state
    known = 0 if begin is None else len(begin.interventions)
    found = []
    for event in run.interventions[known:]:
        given = event.values or {}
        values = {name: v for name, v in given.items() if name not in task.members[0]}
        if event.name == "set" and values:
            each = spread(state, values, len(task.members))
            plain = {name: value.tolist() for name, value in each.items()}
            found.append(Intervention(event.step, "set", plain))
    return found
