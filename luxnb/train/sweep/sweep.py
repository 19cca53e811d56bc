"""Sweep: many trainings in one program, that goes on and can be steered as one Run."""

import operator
from collections.abc import Iterable, Iterator
from typing import Any

import jax
import numpy as np

from luxnb.core.view import Viewable
from luxnb.train import again
from luxnb.train.at import state_at
from luxnb.train.compare.fingerprint import fingerprint
from luxnb.train.measure.history import History
from luxnb.train.results import Results
from luxnb.train.run import Run
from luxnb.train.running.intervention import Intervention
from luxnb.train.running.standing import Standing
from luxnb.train.running.worker import Worker
from luxnb.train.state import TrainState
from luxnb.train.step.hyperparameters import check_values
from luxnb.train.sweep.grid import named
from luxnb.train.sweep.history import Averages, MemberHistory
from luxnb.train.sweep.measure import measure, outputs
from luxnb.train.sweep.member import Member
from luxnb.train.sweep.members import Members
from luxnb.train.sweep.spread import spread
from luxnb.train.sweep.task import SweepTask

RECENT = 100  # steps, where nobody knows how many are an epoch


class Sweep(Results, Viewable):
    """Many trainings in one program: made by `sweep`, looked at, steered and continued like a Run.

    `sweep[3]` is a member. `params`, `state` and `history["loss"]` have a leading axis of members.
    A member whose loss is not finite stands still before that step, and the others go on.

    `sweep` as the last line of a notebook cell is its live view.
    """

    def __init__(self, task: SweepTask, replayed: Iterable[Intervention] = (), until: int = 0):
        self._worker = Worker(task, replayed=replayed, until=until)

    def rerun(self) -> "Sweep":
        """The same sweep again, to the step where it stands, with the same bits."""
        if self.step == self.task.first:
            raise ValueError("the sweep has taken no step: there is nothing to run again")
        replayed = again.repeatable(self.task, self.interventions, 0)
        return Sweep(self.task, replayed, self.step).fit(steps=self.step - self.task.first)

    def set(self, **hyperparameters) -> None:
        """Set hyper-parameters from here on: a value for all members, or one for each of them."""
        state = self._looked_at.optimizer_state
        self._worker.set(check_values(state, spread(state, hyperparameters, len(self))))

    # -- members --------------------------------------------------------------------------------

    @property
    def members(self) -> tuple[dict[str, Any], ...]:
        """What differs in each: ({"seed": 0}, {"seed": 1}, …)."""
        return self.task.members

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names: ("seed=0", "seed=1", …)."""
        return tuple(named(member) for member in self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, number: int) -> Member:
        number = operator.index(number)
        if not -len(self) <= number < len(self):
            raise IndexError(f"there are {len(self)} members, from 0 to {len(self) - 1}")
        number %= len(self)
        ts = self.ts.member(number)
        history = History(self.history.names, first=self.task.first)
        history.append(self.history.since(0)[: int(ts.step) - self.task.first, :, number])
        return Member(number, self.names[number], self.members[number], ts, history)

    def __iter__(self) -> Iterator[Member]:
        return (self[number] for number in range(len(self)))

    def best(self, metric: str = "loss", *, maximize: bool = False) -> Member:
        """The member of the lowest (or highest) mean of `metric` over the last epoch.

        Those that stand still are left out.
        """
        if metric not in self.history.names:
            raise ValueError(f"no metric {metric!r}; there is {', '.join(self.history.names)}")
        values = self.recent(metric)
        if not np.isfinite(values).any():
            raise ValueError(f"no member has a finite {metric} to compare")
        return self[int(np.nanargmax(values) if maximize else np.nanargmin(values))]

    def recent(self, metric: str) -> np.ndarray:
        """Each member's mean over the last epoch (or 100 steps), without waiting; (members,)."""
        steps = self.latest.steps_per_epoch or RECENT
        return self.member_records.recent(metric, steps)

    def run(self, number: int) -> Run:
        """A Run that goes on from where this member stands: `sweep.run(3).fit(steps=500)`.

        Its own program rounds otherwise: alone, a member agrees with the sweep to rounding, not to
        the bit.
        """
        member, standing = self[number], self.standing
        begin = Standing(
            ts=member.ts,
            first=self.task.first,
            names=member.history.names,
            rows=member.history.since(0),
            position=standing.position if member.step == int(standing.ts.step) else None,
            target=member.step,
            seconds=standing.seconds / len(self),
        )
        seed = self.task.seed_of(self.members[member.number])
        return Run(again.changed(self.task.alone, {"start": begin, "seed": seed}))

    # -- results --------------------------------------------------------------------------------

    @property
    def ts(self) -> Members:
        """The TrainStates of all members, as one with a leading axis."""
        return self.standing.ts  # type: ignore[return-value]

    @property
    def history(self) -> MemberHistory:
        """The metrics of every member at every step: `sweep.history["loss"]`, (members, steps)."""
        self._worker.settle()
        return self.member_records

    def mean(self, metric: str) -> np.ndarray:
        """The mean of a metric over the members that live, at every step."""
        return self.history.mean(metric)

    def std(self, metric: str) -> np.ndarray:
        """The standard deviation of a metric over the members that live, at every step."""
        return self.history.std(metric)

    @property
    def fingerprint(self) -> str:
        """A digest over all members' parameters, states and histories, to the bit."""
        return fingerprint(self.ts, self._worker.course.records.history)

    def at(self, step: int) -> Members:
        """All members after `step` steps, to the bit."""
        return state_at(self._worker.course, step, self.latest.step)  # type: ignore[return-value]

    def evaluate(self, data: Any = None) -> dict[str, np.ndarray]:
        """Each member's loss and metrics over all rows of `data` (else the training data)."""
        return measure(self.task, self._each, data)

    def predict(self, x: Any) -> Any:
        """The outputs of all members for all rows of x, in test mode; (members, rows, …)."""
        return outputs(self._each, x)

    # -- looking without waiting ----------------------------------------------------------------

    @property
    def title(self) -> str:
        """The sweep in a few words, for headings."""
        return f"{type(self.model).__name__}, {len(self)} members"

    @property
    def member_records(self) -> MemberHistory:
        """The history of all members as it grows."""
        program: Any = self._worker.program
        return MemberHistory(self._worker.course.records.history, program.metrics, len(self))

    @property
    def records(self) -> Averages:
        """The mean over the members as it grows."""
        return Averages(self.member_records)

    @property
    def _each(self) -> list[TrainState]:
        ts = self.ts
        return [ts.member(number) for number in range(len(self))]

    @property
    def _looked_at(self) -> Any:
        return self.latest_ts or jax.eval_shape(self.task.start)

    def __repr__(self):
        now = self.latest
        words = [f"{now.status} at step {now.step:,} of {now.target:,}"]
        if now.step:
            metrics = (name for name in self.member_records if name not in self.members[0])
            words += [f"{name}={self._spread_of(name)}" for name in metrics]
        said = ": " * bool(now.message) + now.message
        return f"<Sweep of {len(self)} members, {', '.join(words)}{said}>"

    def _spread_of(self, metric: str) -> str:
        values = self.recent(metric)
        values = values[np.isfinite(values)]
        return f"{values.mean():.4g} ± {values.std():.2g}" if len(values) else "nan"
