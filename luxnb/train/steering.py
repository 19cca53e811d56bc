"""Steering: how a training goes on, is paused, set and stopped, and how one waits for it."""

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Self

from luxnb.train.measure.history import History
from luxnb.train.running import place
from luxnb.train.running.progress import Progress
from luxnb.train.running.worker import Worker
from luxnb.train.state import TrainState
from luxnb.train.step.hyperparameters import check_values


class Steering:
    """What a Run lets a person do, from any thread."""

    _worker: Worker

    # -- going on -------------------------------------------------------------------------------

    def fit(self, *, steps: int | None = None, epochs: int | None = None) -> Self:
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
            except Exception as error:
                _keep(error, self)
                raise
            except KeyboardInterrupt:
                self.stop()
                self._worker.finish()
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

    def set(self, **hyperparameters) -> None:
        """Set hyper-parameters of the optimiser from here on: `run.set(learning_rate=3e-4)`.

        Those that `optax.inject_hyperparams` keeps in the optimiser's state; nothing is compiled
        again. The step at which it takes effect is recorded, and `rerun` sets the same there.
        """
        ts = self.latest_ts or self._worker.program.plan.ts.tree
        self._worker.set(check_values(ts.optimizer_state, hyperparameters))

    # -- waiting --------------------------------------------------------------------------------

    def wait(self) -> None:
        """Wait until the run stands still; raises what ended it, if something did."""
        self._worker.finish()
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
            self._worker.finish()
            raise
        self.wait()

    # -- looking without waiting ----------------------------------------------------------------

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
        engine = self._worker.course.engine
        return None if engine is None else engine.ts

    @property
    def validation_records(self) -> History:
        """The history of validations as it grows."""
        return self._worker.course.records.validation

    def observe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback()` called after each chunk of steps and each change of status.

        It runs on the training thread, so it should only set a flag. Returns a function that ends
        it. An observer that raises is dropped with a message; the training does not notice.
        """
        return self._worker.observers.add(callback)


def _keep(error: Exception, run: Steering) -> None:
    """Who trains in a script would lose the run with the error that ended it."""
    if run.latest.step and not hasattr(error, "luxnb_run"):
        with contextlib.suppress(Exception):  # an error may be of any form
            error.luxnb_run = run  # type: ignore[attr-defined]
            error.add_note(
                f"all that was trained up to step {run.latest.step:,} is kept: "
                "except Exception as error: run = error.luxnb_run"
            )


def _count(steps: int | None, epochs: int | None, per_epoch: int | None) -> int | None:
    if steps is not None and epochs is not None:
        raise ValueError("give steps or epochs, not both")
    name, value = ("steps", steps) if epochs is None else ("epochs", epochs)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    if epochs is None:
        return value
    if per_epoch is None:
        raise ValueError("nobody knows how long an epoch of this stream is: say steps=1000")
    return value * per_epoch
