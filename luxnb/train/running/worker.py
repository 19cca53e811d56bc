"""Worker: the thread that trains, and the switches by which others steer it."""

import contextvars
import dataclasses
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from luxnb.train.running import place
from luxnb.train.running.course import Course, Wish
from luxnb.train.running.ending import keep_until_the_end
from luxnb.train.running.engine import Landed
from luxnb.train.running.intervention import Intervention
from luxnb.train.running.observers import Observers
from luxnb.train.running.progress import Progress
from luxnb.train.running.standing import Standing
from luxnb.train.task import Task


class Worker:
    """Trains one task on a thread of its own, so that an interrupt never falls into a step.

    Everything here may be called from any thread; `latest` never waits.
    """

    def __init__(
        self,
        task: Task,
        standing: Standing | None = None,
        replayed: Iterable[Intervention] = (),
        until: int = 0,
    ):
        self.task = task
        self.program = task.program
        self.course = Course(task, self.program, standing, replayed, until)
        self.latest = Progress(steps_per_epoch=task.feed.steps_per_epoch)
        if self.course.begun is not None:
            self.latest = dataclasses.replace(self.latest, **_progress(self.course.begun))
        self.observers = Observers()
        self.error: BaseException | None = None
        self._lock = threading.Lock()
        self._switched = threading.Condition(self._lock)
        self._pause = self._stop = False  # what is wanted
        self._paused = False  # what is
        self._still, self._rest = threading.Event(), threading.Event()  # ended; or in a pause
        self._still.set()
        self._rest.set()

    # -- switches -------------------------------------------------------------------------------

    def go(self, steps: int | None, *, announce_errors: bool) -> None:
        """Train `steps` more, or all that is left; a training under way just gets further to go."""
        # The copied context sends what the thread prints to the cell that launched it.
        work = contextvars.copy_context().run
        arguments = (self._work, announce_errors)
        thread = threading.Thread(target=work, args=arguments, name="luxnb", daemon=True)
        try:
            if self._reach(steps):
                thread.start()
        except KeyboardInterrupt:  # it may come at any moment, also when the thread is just born
            if not _lives(thread):
                self._still.set()
                self._rest.set()
            raise

    def _reach(self, steps: int | None) -> bool:
        """Have it train so far; whether a thread must be started for that."""
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
                self._rest.clear()
                return False
            keep_until_the_end(self)
            self.error = None
            self.latest = dataclasses.replace(self.latest, status="waiting", message="")
            self._rest.clear()
            self._still.clear()
            return True

    def pause(self) -> None:
        self._switch(pause=True)

    def resume(self) -> None:
        self._switch(pause=False)

    def stop(self) -> None:
        self._switch(stop=True)

    def set(self, values: Mapping[str, Any]) -> None:
        """Exchange hyper-parameters before the next step that is started."""
        with self._lock:
            self.course.set(values, now=self._rest.is_set())

    def _switch(self, pause: bool | None = None, stop: bool | None = None) -> None:
        with self._lock:
            if self._still.is_set():
                return
            self._pause = self._pause if pause is None else pause
            self._stop = self._stop if stop is None else stop
            if self._paused and self._pause and not self._stop:
                self._rest.set()
            else:
                self._rest.clear()
            self._switched.notify_all()

    # -- waiting --------------------------------------------------------------------------------

    @property
    def still(self) -> bool:
        """Whether no training is going on."""
        return self._still.is_set()

    def wait_still(self, seconds: float) -> bool:
        """Wait so long at most; whether no training is going on."""
        return self._still.wait(seconds)

    def settle(self) -> None:
        """Wait until nothing moves, also in a pause; an interrupt stops it, and is passed on."""
        self._wait(self._rest)

    def finish(self) -> None:
        """Wait until the training ends; an interrupt stops it, and is passed on."""
        self._wait(self._still)

    def _wait(self, event: threading.Event) -> None:
        try:
            while not event.wait(1.0):
                pass
        except KeyboardInterrupt:
            self.stop()
            self._still.wait(60)
            raise

    # -- the thread -----------------------------------------------------------------------------

    def _work(self, announce_errors: bool) -> None:
        try:
            self._tell(status="compiling")
            self.course.open()
            while not self._ended(*self._train()):
                pass
        except BaseException as error:
            self.error = error
            self.course.retreat()
            self.course.keep()
            if announce_errors:  # nobody may be waiting to hear of it
                place.announcer(error)
            self._ended("failed", f"{type(error).__name__}: {error}")
        self.observers.notify()

    def _train(self) -> tuple[str, str]:
        self._tell(status="training")
        ended = self.course.train(self._wish, self._took, self._stand)
        self.course.keep()
        return ended

    def _ended(self, status: str, message: str) -> bool:
        """End in this status, unless the run was given further to go just now."""
        with self._lock:
            further = self.latest.step < self.latest.target
            if not message and further and not self._stop:
                return False
            self.latest = dataclasses.replace(self.latest, status=status, message=message)
            self._still.set()
            self._rest.set()
            return True

    def _wish(self) -> Wish:
        with self._lock:
            return Wish(self.latest.target, self._pause, self._stop)

    def _took(self, landed: Landed) -> None:
        now, n = self.latest, len(landed.rows)
        rate = n / max(landed.seconds, 1e-9)
        weight = min(1.0, landed.seconds)  # a mean over about the last second
        self._tell(
            step=landed.step,
            seconds=now.seconds + landed.seconds,
            steps_per_second=(1 - weight) * (now.steps_per_second or rate) + weight * rate,
        )

    def _stand(self, step: int) -> None:
        """Wait out a pause, with nothing under way."""
        records = self.course.records
        records.note(Intervention(step, "pause"))
        self._tell(status="paused")
        with self._lock:
            self._paused = True
            if self._pause and not self._stop:
                self._rest.set()
            self._switched.wait_for(lambda: self._stop or not self._pause)
            self._paused = False
            self._rest.clear()
            if not self._stop:
                records.note(Intervention(step, "resume"))
        self._tell(status="training")

    def _tell(self, **changes) -> None:
        with self._lock:
            self.latest = dataclasses.replace(self.latest, **changes)
        self.observers.notify()


def _progress(standing: Standing) -> dict[str, Any]:
    """How a run stands that was left off there."""
    step, target = int(standing.ts.step), standing.target
    status = "done" if step >= target else "stopped"
    return {"status": status, "step": step, "target": target, "seconds": standing.seconds}


def _lives(thread: threading.Thread) -> bool:
    """Whether the thread was started; that takes a moment to show."""
    end = time.monotonic() + 0.5
    while thread.ident is None and time.monotonic() < end:
        time.sleep(0.01)
    return thread.ident is not None
