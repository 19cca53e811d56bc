"""Records: what a run remembers of its way: history, validations, the best, interventions."""

from collections.abc import Iterable
from typing import Any

from luxnb.train.measure.history import History
from luxnb.train.measure.validation import Best, Judge, Validator
from luxnb.train.program.program import Program
from luxnb.train.running.engine import Landed
from luxnb.train.running.intervention import Intervention
from luxnb.train.running.snapshots import Snapshots
from luxnb.train.running.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.task import Task


class Records:
    """Grown by the thread that trains, looked at by any."""

    def __init__(self, task: Task, program: Program, standing: Standing | None, until: int = 0):
        """Patience is not in force up to step `until`: so far it is known to go on."""
        self.task = task
        self.history = History(program.names)
        self.interventions: tuple[Intervention, ...] = ()
        self.best: Best | None = None
        self.snapshots = Snapshots()
        self.validator: Validator | None = None
        self.validation = History(())
        if task.validation is not None:
            per_epoch, shapes = task.feed.steps_per_epoch, program.plan.ts.tree
            self.validator = Validator(task.validation, task.objective, shapes, per_epoch)
            self.validation = History(self.validator.names)
            self._judge = Judge(task.validation, self.validator.names)
        self._until = until
        if standing is not None:
            self._restore(standing)

    def _restore(self, standing: Standing) -> None:
        """What was noted on the way there, as far as it is measured alike here."""
        if standing.names == self.history.names:
            self.history = History(standing.names, first=standing.first)
            self.history.append(standing.rows)
        else:
            self.history = History(self.history.names, first=int(standing.ts.step))
        rows, names = standing.validation_rows, standing.validation_names
        if rows is not None and names and names == self.validation.names:
            self.validation.append(rows, standing.validation_steps)
            self._restore_best(standing.best, zip(standing.validation_steps, rows, strict=True))
        self.interventions = standing.interventions

    def _restore_best(self, best: Best | None, validations: Iterable) -> None:
        """Hear of them again, and know the best if its TrainState is there."""
        found = None
        for step, row in validations:
            found = step if self._judge.hear(row) else found
            self._judge.loses_patience()
        self.best = best if best is not None and best.step == found else None
        if self.best is None:
            self._judge.best = None

    def standing(self, ts: TrainState, position: Any, target: int, seconds: float) -> Standing:
        """All that it takes to go on from `ts`, which ends what was noted so far."""
        history, validation = self.history, self.validation
        return Standing(
            ts=ts,
            first=history.first,
            names=history.names,
            rows=history.since(0),
            validation_names=validation.names,
            validation_steps=tuple(validation.steps.tolist()),
            validation_rows=validation.since(0),
            interventions=self.interventions,
            best=self.best,
            position=position,
            target=target,
            seconds=seconds,
        )

    def note(self, event: Intervention) -> None:
        self.interventions += (event,)

    def forget_after(self, step: int) -> list[Intervention]:
        """Steps after this one were dropped; what was set for them, which is no longer noted."""
        events = self.interventions
        self.interventions = tuple(event for event in events if event.step <= step)
        return [event for event in events if event.step > step]

    def take(self, landed: Landed) -> str | None:
        """Note what landed; why training cannot go on, if it cannot."""
        self.history.append(landed.rows if landed.finite else landed.rows[:-1])
        if not landed.finite:
            return self.task.not_finite(landed.step, landed.rows[-1, 0])
        self.snapshots.offer(landed.step, landed.ts)
        if landed.validation is None or self.validator is None:
            return None
        self.validation.append(landed.validation[None], [landed.step])
        if self._judge.hear(landed.validation):
            self.best = Best(landed.step, self._judge.value(landed.validation), landed.ts)
        elif self._judge.loses_patience() and landed.step > self._until:
            return self._judge.reason(self.best)
        return None
