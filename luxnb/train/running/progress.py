"""Progress: how a run stands, as a value that anybody may look at without waiting."""

from dataclasses import dataclass

ACTIVE = ("waiting", "compiling", "training", "paused")


@dataclass(frozen=True)
class Progress:
    """A run at one moment.

    `status` is one of waiting, compiling, training, paused; or done, stopped, failed. `step` of
    `target` steps are taken, `seconds` were spent on them; `message` says why a run ended early.
    """

    status: str = "waiting"
    step: int = 0
    target: int = 0
    steps_per_epoch: int | None = None
    steps_per_second: float = 0.0
    seconds: float = 0.0
    message: str = ""

    @property
    def active(self) -> bool:
        """Whether the run is going on, or only waiting to."""
        return self.status in ACTIVE

    @property
    def epoch(self) -> int:
        """How many epochs are complete; none where nobody knows how long one is."""
        return self.step // self.steps_per_epoch if self.steps_per_epoch else 0
