"""Records: what a run remembers of its way: history, validations, the best, interventions."""

from typing import Any

from luxnb.train.engine import Landed
from luxnb.train.history import History
from luxnb.train.intervention import Intervention
from luxnb.train.program import Program
from luxnb.train.snapshots import Snapshots
from luxnb.train.standing import Standing
from luxnb.train.state import TrainState
from luxnb.train.task import Task
from luxnb.train.validation import Best, Validator


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
        if task.validation is not None:
            per_epoch = task.feed.steps_per_epoch
            shapes = program.plan.ts.tree
            self.validator = Validator(task.validation, task.objective, shapes, per_epoch)
        self.validation = History(self.validator.names if self.validator else ())
        self._patient_since = 0  # in validations
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
            self.best = standing.best
        self.interventions = standing.interventions

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

    def be_patient(self) -> None:
        """Start anew to wait for a better validation: somebody wants to go on."""
        self._patient_since = len(self.validation)

    def take(self, landed: Landed) -> str | None:
        """Note what landed; why training cannot go on, if it cannot."""
        self.history.append(landed.rows if landed.finite else landed.rows[:-1])
        if not landed.finite:
            return self._not_finite(landed)
        self.snapshots.offer(landed.step, landed.ts)
        if landed.validation is None or self.validator is None:
            return None
        self.validation.append(landed.validation[None], [landed.step])
        value = self.validator.monitored(landed.validation)
        if self.best is None or value < self.best.value:
            self.best = Best(landed.step, value, landed.ts)
            self._patient_since = len(self.validation)
        patience = self.validator.validation.patience
        if patience is None or landed.step <= self._until:
            return None
        if len(self.validation) - self._patient_since >= patience:
            return f"no validation was better than that at step {self.best.step:,}"
        return None

    def _not_finite(self, landed: Landed) -> str:
        step, per_epoch = landed.step + 1, self.task.feed.steps_per_epoch
        epoch = f" (epoch {landed.step // per_epoch + 1})" if per_epoch else ""
        return (
            f"the loss became {landed.rows[-1, 0]} at step {step:,}{epoch}; "
            "parameters and state are those before that step, in which "
            "lx.locate_nonfinite(run.model, x, run.params, run.state) finds the place"
        )
