"""The course of a training: what is started, taken in, repeated and kept, between switches."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from luxnb.train.feed.data import data_key
from luxnb.train.program.program import Program
from luxnb.train.running.engine import Engine, Landed
from luxnb.train.running.intervention import Intervention
from luxnb.train.running.records import Records
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.task import Task


class Wish(NamedTuple):
    """What is wanted of a training at this moment: how far, and whether to stand still."""

    target: int
    pause: bool
    stop: bool


class Course:
    """A task on its way, from `standing` where another left off, with `replayed` to be repeated.

    One thread at a time moves it on; the lock is for what others may do in between.
    """

    def __init__(
        self,
        task: Task,
        program: Program,
        standing: Standing | None = None,
        replayed: Iterable[Intervention] = (),
        until: int = 0,
    ):
        self.task, self.program = task, program
        self.begun = standing or task.begin
        self.records = Records(task, program, self.begun, until)
        self.engine: Engine | None = None
        self.target, self.seconds = 0, 0.0  # for whoever goes on elsewhere
        if self.begun is not None:
            self.target, self.seconds = self.begun.target, self.begun.seconds
        self._replayed = sorted(replayed, key=lambda event: event.step)
        self._settings: dict[str, Any] = {}
        self._lock = threading.Lock()
        known = "" if standing is None else standing.run
        self._keeper = None if task.checkpoints is None else task.checkpoints.keeper(task, known)

    # -- from any thread ------------------------------------------------------------------------

    def set(self, values: Mapping[str, Any], *, now: bool) -> None:
        """Exchange hyper-parameters that were checked, now or before the next chunk."""
        with self._lock:
            self._settings |= values
            if now and self.engine is not None:
                self._exchange(self.engine)

    def standing(self) -> Standing:
        """Where it stands, while nothing moves."""
        if self.engine is not None:
            return self._standing_at(self.engine.step, self.engine.ts)
        if self.begun is not None:
            return self.begun
        return self.records.standing(self.task.start(), None, self.target, self.seconds)

    # -- on the thread that trains --------------------------------------------------------------

    def open(self) -> None:
        """Compile, and have the first batches at hand."""
        if self.engine is not None:
            return
        task, standing = self.task, self.begun
        ts = task.start() if standing is None else standing.ts
        position = None if standing is None else standing.position
        self.program.compile()  # before the data: an iterator can be opened but once
        supply = task.feed.open(task.seed, int(ts.step), position)
        self.engine = Engine(self.program, ts, data_key(task.seed), supply)

    def train(
        self,
        wish: Callable[[], Wish],
        took: Callable[[Landed], None],
        stand: Callable[[int], None],
    ) -> tuple[str, str]:
        """Train until the target or an end; the status in which it ends, and why.

        `took` hears of every finished chunk; `stand` waits out a pause.
        """
        engine = self.engine
        assert engine is not None
        dry, trouble = False, None  # of the data: the steps before are finished first
        while True:
            now = wish()
            self.target = now.target
            with self._lock:
                self._exchange(engine)
            hold = now.pause or now.stop or dry or trouble is not None
            if not hold and engine.step < now.target and not engine.full:
                try:
                    dry = not self._start(engine, now.target)
                except Exception as error:
                    trouble = error
            elif not engine.idle:
                if (reason := self._land(engine, took)) is not None:
                    return "stopped", reason
            elif trouble is not None:
                raise trouble
            elif now.stop:
                self.records.note(Intervention(engine.step, "stop"))
                return "stopped", ""
            elif dry:
                return "done", f"the data came to their end after {engine.step:,} steps"
            elif now.pause:
                stand(engine.step)
            elif engine.step >= now.target:
                return "done", ""

    def keep(self) -> None:
        """At an end: have a checkpoint of where it stands."""
        if self._keeper is not None and self.engine is not None:
            self._keeper.ended(self.standing)

    def retreat(self) -> None:
        """After an error: stand where the last finished chunk ended."""
        if self.engine is not None:
            self.engine.retreat()
            dropped = self.records.forget_after(self.engine.step)
            self._replayed = dropped + self._replayed  # to be done when it comes there again

    def _start(self, engine: Engine, target: int) -> bool:
        """Start a chunk up to the next step at which something is due; False without data."""
        stops = [target, *(event.step for event in self._replayed[:1])]
        if self._keeper is not None:
            stops.append(self._keeper.next_due(engine.step))
        validator = self.records.validator
        if validator is None:
            return engine.start(min(stops) - engine.step)
        due = validator.next_due(engine.step)
        limit = min(due, *stops) - engine.step
        return engine.start(limit, validator.start if engine.step + limit == due else None)

    def _exchange(self, engine: Engine) -> None:
        """Repeat what was done at this step, and set what was asked for."""
        while self._replayed and self._replayed[0].step <= engine.step:
            event = self._replayed.pop(0)
            if event.name == "set":
                engine.set(event.values or {})
            self.records.note(event)
        if self._settings:
            engine.set(self._settings)
            self.records.note(Intervention(engine.step, "set", self._settings))
            self._settings = {}

    def _land(self, engine: Engine, took: Callable[[Landed], None]) -> str | None:
        """Take in a finished chunk; why training cannot go on, if it cannot."""
        landed = engine.land()
        self.seconds += landed.seconds
        reason = self.records.take(landed)
        if reason is not None:
            self.retreat()
        took(landed)
        if self._keeper is not None:
            self._keeper.landed(landed.step, lambda: self._standing_at(landed.step, landed.ts))
        return reason

    def _standing_at(self, step: int, ts: TrainState) -> Standing:
        position = None if self.engine is None else self.engine.position(step)
        return self.records.standing(ts, position, self.target, self.seconds)
