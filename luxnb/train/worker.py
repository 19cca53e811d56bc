"""Worker: the thread that trains, and the switches by which others steer it."""

import atexit
import contextvars
import dataclasses
import sys
import threading
import weakref
from collections.abc import Callable

from luxnb.train import place
from luxnb.train.data import data_key
from luxnb.train.engine import Engine
from luxnb.train.history import History
from luxnb.train.program import trace
from luxnb.train.progress import Progress
from luxnb.train.task import Task


class Worker:
    """Trains one task on a thread of its own, so that an interrupt never falls into a step.

    Everything here may be called from any thread. `latest` and `records` never wait.
    """

    def __init__(self, task: Task):
        self.task = task
        self.program = trace(task.plan)
        self.records = History(self.program.names)
        self.latest = Progress(steps_per_epoch=self.program.steps_per_epoch)
        self.interventions: tuple[tuple[int, str], ...] = ()
        self.engine: Engine | None = None
        self.error: BaseException | None = None
        self._observers: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._switched = threading.Condition(self._lock)
        self._pause = self._stop = False
        self._still = threading.Event()
        self._still.set()

    # -- switches -------------------------------------------------------------------------------

    def go(self, steps: int | None, *, announce_errors: bool) -> None:
        """Train `steps` more, or all that is left; a training under way just gets further to go."""
        with self._lock:
            now, still = self.latest, self._still.is_set()
            target = now.target if steps is None else (now.step if still else now.target) + steps
            if target <= now.step:
                raise ValueError(
                    f"the run is done with its {now.step:,} steps; say how many more: "
                    "run.fit(steps=500)"
                )
            self._pause = self._stop = False
            self._switched.notify_all()
            self.latest = dataclasses.replace(now, target=target)
            if not still:
                return
            self._still.clear()
            _started.add(self)
            self.error = None
            self.latest = dataclasses.replace(self.latest, status="waiting", message="")
        # The copied context sends what the thread prints to the cell that launched it.
        work = contextvars.copy_context().run
        arguments = (self._work, announce_errors)
        threading.Thread(target=work, args=arguments, name="luxnb", daemon=True).start()

    def pause(self) -> None:
        self._switch(pause=True)

    def resume(self) -> None:
        self._switch(pause=False)

    def stop(self) -> None:
        self._switch(stop=True)

    def _switch(self, pause: bool | None = None, stop: bool | None = None) -> None:
        with self._lock:
            if self._still.is_set():
                return
            self._pause = self._pause if pause is None else pause
            self._stop = self._stop if stop is None else stop
            self._switched.notify_all()

    @property
    def still(self) -> bool:
        """Whether no training is going on."""
        return self._still.is_set()

    def settle(self) -> None:
        """Wait until the run stands still; an interrupt stops it, and is passed on."""
        try:
            while not self._still.wait(1.0):
                pass
        except KeyboardInterrupt:
            self.stop()
            self._still.wait(60)
            raise

    # -- watching -------------------------------------------------------------------------------

    def observe(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._observers.append(callback)
        return lambda: self._observers.remove(callback) if callback in self._observers else None

    def _notify(self) -> None:
        for callback in list(self._observers):
            try:
                callback()
            except Exception as error:
                self._observers.remove(callback)
                print(f"luxnb: an observer failed and was dropped: {error!r}", file=sys.stderr)

    def _tell(self, **changes) -> None:
        with self._lock:
            self.latest = dataclasses.replace(self.latest, **changes)
        self._notify()

    # -- the thread -----------------------------------------------------------------------------

    def _work(self, announce_errors: bool) -> None:
        try:
            while not self._ended(*self._train()):
                pass
        except BaseException as error:
            self.error = error
            if self.engine is not None:
                self.engine.retreat()
            if announce_errors:  # nobody may be waiting to hear of it
                place.announcer(error)
            self._ended("failed", f"{type(error).__name__}: {error}")
        self._notify()

    def _ended(self, status: str, message: str) -> bool:
        """End in this status, unless the run was given further to go just now."""
        with self._lock:
            further = self.latest.step < self.latest.target
            if not message and further and not self._stop:
                return False
            self.latest = dataclasses.replace(self.latest, status=status, message=message)
            self._still.set()
            return True

    def _train(self) -> tuple[str, str]:
        """Train to the target; the status in which the run ends, and why."""
        if self.engine is None:
            self._tell(status="compiling")
            task = self.task
            self.engine = Engine(self.program, task.start(), data_key(task.seed), task.data)
        engine = self.engine
        self._tell(status="training")
        while True:
            with self._lock:
                target, hold = self.latest.target, self._pause or self._stop
            if not hold and engine.step < target and not engine.full:
                engine.start(target - engine.step)
            elif not engine.idle:
                if (trouble := self._land(engine)) is not None:
                    return "stopped", trouble
            elif (ending := self._stand(engine.step)) is not None:
                return ending

    def _land(self, engine: Engine) -> str | None:
        """Take in a finished chunk; what is the trouble, when training cannot go on."""
        rows, finite, seconds = engine.land()
        good = rows if finite else rows[:-1]
        self.records.append(good)
        now = self.latest
        rate = len(rows) / max(seconds, 1e-9)
        weight = min(1.0, seconds)  # a mean over about the last second
        self._tell(
            step=now.step + len(good),
            seconds=now.seconds + seconds,
            steps_per_second=(1 - weight) * (now.steps_per_second or rate) + weight * rate,
        )
        if finite:
            return None
        step = self.latest.step + 1
        return (
            f"the loss became {rows[-1, 0]} at step {step:,} "
            f"(epoch {(step - 1) // self.latest.steps_per_epoch + 1}); "
            "parameters and state are those before that step, in which "
            "lx.locate_nonfinite(run.model, x, run.params, run.state) finds the place"
        )

    def _stand(self, step: int) -> tuple[str, str] | None:
        """Nothing is under way: how the run ends; or None, after a pause or when there is more."""
        with self._lock:
            if self._stop:
                self._note(step, "stop")
                return "stopped", ""
            if not self._pause:
                return None if step < self.latest.target else ("done", "")
            self._note(step, "pause")
        self._tell(status="paused")
        with self._lock:
            self._switched.wait_for(lambda: self._stop or not self._pause)
            if not self._stop:
                self._note(step, "resume")
        self._tell(status="training")
        return None

    def _note(self, step: int, intervention: str) -> None:
        self.interventions += ((step, intervention),)


_started: weakref.WeakSet[Worker] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """A thread that computes while Python takes itself apart would bring the process down."""
    for worker in list(_started):
        worker.stop()
    for worker in list(_started):
        worker._still.wait(10)
