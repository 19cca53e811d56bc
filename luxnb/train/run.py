"""Run: the one mutable object of a notebook; a training that goes on, and can be steered."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.core.view import Viewable
from luxnb.train import evaluate, place
from luxnb.train.fingerprint import fingerprint
from luxnb.train.history import History
from luxnb.train.progress import Progress
from luxnb.train.state import TrainState
from luxnb.train.task import Task
from luxnb.train.worker import Worker


class Run(Viewable):
    """A training that goes on: made by `fit`, looked at, steered, continued, repeated.

    Results are futures: `params`, `state`, `history`, `fingerprint`, `evaluate` and `predict` wait
    until the run stands still; `latest` and `records` look without waiting. An interrupt while
    waiting stops the run at the next step and keeps all.

    `run` as the last line of a notebook cell is its live view.
    """

    def __init__(self, task: Task):
        self._worker = Worker(task)

    # -- going on -------------------------------------------------------------------------------

    def fit(self, *, steps: int | None = None, epochs: int | None = None) -> "Run":
        """Go on from where the run stands; without arguments, to the end that was planned.

        In a live notebook it returns at once and training goes on; elsewhere it waits, and an
        interrupt ends the training but not the program.
        """
        more = _count(steps, epochs, self.latest.steps_per_epoch)
        surroundings = place.current()
        with surroundings.launched(self):
            try:
                self._worker.go(more, announce_errors=surroundings.background)
                if not surroundings.background:
                    self.wait()
            except KeyboardInterrupt:
                self.stop()
                self._worker.settle()
                print(f"luxnb: interrupted, {self!r}", file=sys.stderr)
        return self

    def pause(self) -> None:
        """Stand still after the steps under way, until `resume` or `stop`."""
        self._worker.pause()

    def resume(self) -> None:
        """Go on after a `pause`."""
        self._worker.resume()

    def stop(self) -> None:
        """End after the steps under way; everything is kept, and `fit` goes on from there."""
        self._worker.stop()

    def rerun(self) -> "Run":
        """The same training again, from its seed to the step where this run stands."""
        if not self.step:
            raise ValueError("the run has taken no step: there is nothing to run again")
        return Run(self.task).fit(steps=self.step)

    # -- waiting --------------------------------------------------------------------------------

    def wait(self) -> None:
        """Wait until the run stands still; raises what ended it, if something did."""
        self._worker.settle()
        if self._worker.error is not None:
            raise self._worker.error

    def __await__(self):
        """`await run` waits with the page alive: its buttons work on every kernel."""
        return self._await().__await__()

    async def _await(self) -> None:
        try:
            while not self._worker.still:
                await asyncio.sleep(0.05)
        except BaseException:  # an interrupt cancels the cell
            self.stop()
            self._worker.settle()
            raise
        self.wait()

    # -- results --------------------------------------------------------------------------------

    @property
    def ts(self) -> TrainState:
        """The TrainState where the run stands."""
        self._worker.settle()
        if self._worker.engine is None:
            self.wait()  # raises what went wrong before there was a TrainState
            return self.task.start()
        return self._worker.engine.ts

    @property
    def params(self) -> Tree:
        """The parameters where the run stands."""
        return self.ts.params

    @property
    def state(self) -> Tree:
        """The model's state where the run stands."""
        return self.ts.state

    @property
    def step(self) -> int:
        """How many steps were taken."""
        self._worker.settle()
        return self.latest.step

    @property
    def history(self) -> History:
        """The metrics of every step: `run.history["loss"]`."""
        self._worker.settle()
        return self.records

    @property
    def fingerprint(self) -> str:
        """A digest over all parameters, state, optimiser state and history, to the bit."""
        return fingerprint(self.ts, self.records)

    def evaluate(self, data: Any = None) -> dict[str, float]:
        """Loss and metrics over all rows of `data` (else the training data), in test mode."""
        return evaluate.evaluate(self.ts, self.task.objective, self.task.data, data)

    def predict(self, x: Any) -> Any:
        """The model's output for all rows of x, in test mode."""
        return evaluate.predict(self.ts, x)

    # -- looking without waiting ----------------------------------------------------------------

    @property
    def task(self) -> Task:
        """What is trained: model, data, objective, optimiser, batch size, seed."""
        return self._worker.task

    @property
    def model(self) -> Layer:
        return self.task.model

    @property
    def title(self) -> str:
        """The run in a word, for headings."""
        return type(self.model).__name__

    @property
    def executor(self) -> str:
        """How the program is run: "loop", many steps a dispatch, or "step", each its own."""
        return self._worker.program.executor

    @property
    def latest(self) -> Progress:
        """How the run stands at this moment."""
        return self._worker.latest

    @property
    def latest_ts(self) -> TrainState | None:
        """The TrainState after all steps that were started, or None before the first.

        Its arrays may still be computed: whoever reads one waits for the steps under way, and the
        training does not notice.
        """
        engine = self._worker.engine
        return None if engine is None else engine.ts

    @property
    def records(self) -> History:
        """The history as it grows."""
        return self._worker.records

    @property
    def interventions(self) -> tuple[tuple[int, str], ...]:
        """What a person did while it ran: (step, "pause" | "resume" | "stop")."""
        return self._worker.interventions

    def observe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback()` called after each chunk of steps and each change of status.

        It runs on the training thread, so it should only set a flag. Returns a function that ends
        it. An observer that raises is dropped with a message; the training does not notice.
        """
        return self._worker.observe(callback)

    def _ipython_display_(self):
        if not place.current().show(self):
            raise NotImplementedError  # IPython then asks for the static picture

    def __repr__(self):
        now, names = self.latest, self.records.names
        rows = self.records.since(max(0, len(self.records) - 1))
        values = [f"{n}={v:.4g}" for row in rows for n, v in zip(names, row, strict=True)]
        words = [f"{now.status} at step {now.step:,} of {now.target:,}", *values]
        return f"<Run {', '.join(words)}{': ' * bool(now.message)}{now.message}>"


def _count(steps: int | None, epochs: int | None, per_epoch: int) -> int | None:
    if steps is not None and epochs is not None:
        raise ValueError("give steps or epochs, not both")
    name, value = ("steps", steps) if epochs is None else ("epochs", epochs)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return value if epochs is None else value * per_epoch
