"""Results: what a training has come to, read when it stands still."""

from typing import Any

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.train.running import place
from luxnb.train.running.intervention import Intervention
from luxnb.train.running.standing import Standing
from luxnb.train.steering import Steering


class Results(Steering):
    """Reading waits for the end or a pause; what follows "without waiting" does not."""

    @property
    def standing(self) -> Standing:
        """Where the run stands, as a value: all that it takes to go on to the bit."""
        self._worker.settle()
        if self._worker.course.engine is None:
            self.wait()  # raises what went wrong before there was a TrainState
        return self._worker.course.standing()

    @property
    def ts(self) -> Any:
        """The TrainState where the run stands."""
        return self.standing.ts

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

    # -- looking without waiting ----------------------------------------------------------------

    @property
    def task(self) -> Any:
        """What is trained: model, data, objective, optimiser, batch size, seed."""
        return self._worker.task

    @property
    def model(self) -> Layer:
        return self.task.model

    @property
    def executor(self) -> str:
        """How the program is run: "loop", many steps a dispatch, or "step", each its own."""
        return self._worker.program.executor

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """What a person did while it ran: (step, "pause" | "resume" | "stop" | "set", values)."""
        return self._worker.course.records.interventions

    def _ipython_display_(self):
        if not place.current().show(self):
            raise NotImplementedError  # IPython then asks for the static picture
