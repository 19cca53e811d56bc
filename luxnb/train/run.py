"""Run: the one mutable object of a notebook; a training that goes on, and can be steered."""

import os
from collections.abc import Iterable
from typing import Any

from luxnb.core.tree import Tree
from luxnb.core.view import Viewable
from luxnb.train import again
from luxnb.train.at import state_at
from luxnb.train.checkpoint.save import save
from luxnb.train.compare.fingerprint import fingerprint
from luxnb.train.feed.ordered import BATCH_SIZE
from luxnb.train.measure import evaluate
from luxnb.train.measure.epochs import Epochs
from luxnb.train.measure.history import History
from luxnb.train.measure.validation import Best
from luxnb.train.recipe.make import recipe_of
from luxnb.train.recipe.recipe import Recipe
from luxnb.train.results import Results
from luxnb.train.running.intervention import Intervention
from luxnb.train.running.standing import Standing
from luxnb.train.running.worker import Worker
from luxnb.train.state import TrainState
from luxnb.train.step.average import averaged
from luxnb.train.task import Task


class Run(Results, Viewable):
    """A training that goes on: made by `fit`, looked at, steered, continued, repeated.

    Results are futures: `params`, `state`, `history`, `fingerprint`, `evaluate` and `predict` wait
    until the run stands still, at its end or in a pause; `latest` and `records` look without
    waiting. An interrupt while waiting stops the run at the next step and keeps all.

    `run` as the last line of a notebook cell is its live view.
    """

    def __init__(
        self,
        task: Task,
        standing: Standing | None = None,
        replayed: Iterable[Intervention] = (),
        until: int = 0,
    ):
        self._worker = Worker(task, standing, replayed, until)

    # -- again ----------------------------------------------------------------------------------

    def rerun(self, **changes) -> "Run":
        """The same training again, from its start to the step where this run stands.

        What was set on the way is set again at the same steps, so it ends with the same bits.
        `changes` are arguments of `fit` that are to differ, as `seed=1` or `epochs=20`; then it
        goes as far as was planned.
        """
        if self.step == self.task.first:
            raise ValueError("the run has taken no step: there is nothing to run again")
        task = again.changed(self.task, changes)
        begun = task.begin
        known = 0 if begun is None else len(begun.interventions)
        replayed = again.repeatable(task, self.interventions, known)
        if changes:
            how_far = again.length(task, changes, self.latest.target)
            return Run(task, replayed=replayed).fit(**how_far)
        return Run(task, replayed=replayed, until=self.step).fit(steps=self.step - task.first)

    def at(self, step: int) -> TrainState:
        """The TrainState after `step` steps, to the bit, with what was set there.

        It is computed again from the nearest that was kept. The run may be going on meanwhile.

        >>> x = jnp.ones((32, 1))
        >>> run = fit(Dense(1, 1), (x, x), loss=losses.mse, optimizer=optax.sgd(0.1), steps=3)
        >>> run.at(0).params.weight == Dense(1, 1).init(0)[0].weight
        Array([[ True]], dtype=bool)
        """
        return state_at(self._worker.course, step, self.latest.step)

    def fork(self, step: int | None = None, **changes) -> "Run":
        """A new run from where this one was after `step` steps (else: where it stands).

        History, optimiser state and random keys go on from there; `run.fork(500).fit(steps=100)`.
        `changes` are arguments of `fit` that are to differ from there on.
        """
        now = self.standing
        ts = now.ts if step is None else self.at(step)
        if not self.task.feed.rewindable and "data" not in changes:
            raise ValueError("two runs cannot share data that come only once: give data=…")
        start = again.with_best(again.until(now, ts), self.task, self.at)
        return Run(again.changed(self.task, {"start": start, **changes}))

    def save(self, path: str | os.PathLike) -> None:
        """Write where the run stands to a file, with which `lx.load` goes on to the bit.

        It is a safetensors file, in which every flipped bit is found; what was at `path` stays
        until it is written whole, and an OSError says why it could not be.
        """
        save(path, self.standing, self.task)

    # -- results --------------------------------------------------------------------------------

    @property
    def average(self) -> Tree:
        """The moving average of the parameters, of `fit(average=0.999)`, for `run.evaluate`."""
        return averaged(self.ts)

    @property
    def history(self) -> History:
        """The metrics of every step: `run.history["loss"]`."""
        self._worker.settle()
        return self.records

    @property
    def validation(self) -> History:
        """The metrics of every validation; `run.validation.steps` says when they were measured."""
        self._worker.settle()
        return self._worker.course.records.validation

    @property
    def epochs(self) -> Epochs:
        """A table with a row for each whole epoch: means of the metrics, and the validation."""
        return Epochs.of(self.history, self.validation, self.latest.steps_per_epoch)

    @property
    def best(self) -> Best | None:
        """The step, the value and the TrainState `ts` of the best validation so far."""
        self._worker.settle()
        return self._worker.course.records.best

    @property
    def fingerprint(self) -> str:
        """A digest over all parameters, state, optimiser state and history, to the bit."""
        return fingerprint(self.ts, self.records)

    @property
    def recipe(self) -> Recipe:
        """All that decides the bits, and what came out, as plain data: `run.recipe.to_json()`.

        `lx.replay(recipe, model, data)` verifies it elsewhere; `lx.compare(*recipes)` says in what
        they differ.
        """
        return recipe_of(self.task, self.standing)

    def evaluate(
        self, data: Any = None, *, params: Tree | None = None, batch_size: int = BATCH_SIZE
    ) -> dict[str, float]:
        """Loss and metrics over all rows of `data` (else the training data), in test mode.

        `params` are used instead of those where the run stands; see `lx.evaluate` for the rest.
        """
        task = self.task
        return evaluate.measure(task.objective, self.ts, task.feed, data, params, batch_size)

    def predict(self, x: Any, *, params: Tree | None = None) -> Any:
        """The model's output for all rows of x, or of batches of them, in test mode."""
        ts = self.ts
        return evaluate.predict(ts.model, ts.params if params is None else params, ts.state, x)

    # -- looking without waiting ----------------------------------------------------------------

    @property
    def title(self) -> str:
        """The run in a word, for headings."""
        return type(self.model).__name__

    @property
    def records(self) -> History:
        """The history as it grows."""
        return self._worker.course.records.history

    @property
    def best_so_far(self) -> Best | None:
        """The best validation as it stands."""
        return self._worker.course.records.best

    def __repr__(self):
        now, names = self.latest, self.records.names
        rows = self.records.since(max(0, len(self.records) - 1))
        values = [f"{n}={v:.4g}" for row in rows for n, v in zip(names, row, strict=True)]
        words = [f"{now.status} at step {now.step:,} of {now.target:,}", *values]
        return f"<Run {', '.join(words)}{': ' * bool(now.message)}{now.message}>"
