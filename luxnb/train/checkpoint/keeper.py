"""Checkpoints: what is kept of a run while it goes on, and the thread that writes it."""

import contextlib
import contextvars
import dataclasses
import itertools
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from luxnb.train.checkpoint.container import library
from luxnb.train.checkpoint.files import file_name, newest_first, run_of
from luxnb.train.checkpoint.replacing import remove_left_over
from luxnb.train.checkpoint.save import save
from luxnb.train.feed.source import FOREVER
from luxnb.train.running.standing import Standing
from luxnb.train.task import Task

MINUTES = 5.0


@dataclasses.dataclass(frozen=True)
class Checkpoints:
    """A folder to which a run is saved while it goes on, and at each end of it.

    That is every `minutes`, else every `steps`, else every 5 minutes; and when it is done, stopped,
    interrupted or failed. The last `keep` files of the run stay, `step-000500.safetensors`; those
    of other runs are left alone. A thread of its own writes them: only for `steps` the training
    waits, where the disk is slower. An error of writing is told, and harms nothing.

    `fit(..., checkpoints="folder")` is short for it; `load("folder", …)` finds the newest.

    >>> Checkpoints("digits", minutes=10)
    Checkpoints(folder='digits', minutes=10, steps=None, keep=3)
    """

    folder: str | os.PathLike
    _: dataclasses.KW_ONLY
    minutes: float | None = None
    steps: int | None = None
    keep: int = 3

    def __post_init__(self):
        if not isinstance(self.folder, str | os.PathLike) or not os.fspath(self.folder):
            raise TypeError(f"checkpoints must be the path of a folder, got {self.folder!r}")
        if self.minutes is not None and self.steps is not None:
            raise ValueError("give minutes or steps, not both")
        if self.minutes is not None and not self.minutes > 0:
            raise ValueError(f"Checkpoints.minutes must be more than 0, got {self.minutes!r}")
        for name in ("steps", "keep"):
            value = getattr(self, name)
            if value is None and name == "steps":
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"Checkpoints.{name} must be a positive integer, got {value!r}")

    @classmethod
    def of(cls, value) -> "Checkpoints | None":
        """What `fit` was given: a folder's path, Checkpoints, or None."""
        return value if value is None or isinstance(value, Checkpoints) else cls(value)

    def keeper(self, task: Task, run: str = "") -> "Keeper":
        """Whoever keeps the checkpoints of one run, which is that of earlier files named `run`."""
        library("safetensors.numpy")  # if it is missing, that is said now
        folder = Path(self.folder)
        if folder.exists() and not folder.is_dir():
            raise ValueError(f"checkpoints go to a folder, and {folder} is a file")
        folder.mkdir(parents=True, exist_ok=True)
        return Keeper(self, task, run)


class Keeper:
    """Keeps the checkpoints of one run. Used by the thread that trains; writes on its own."""

    def __init__(self, checkpoints: Checkpoints, task: Task, run: str):
        self._wanted, self._task = checkpoints, task
        self._folder = Path(checkpoints.folder).absolute()
        self._run = run or secrets.token_hex(4)
        files = newest_first(self._folder) if run else []
        self._files = [file for file in reversed(files) if run_of(file) == run]
        self._written: tuple | None = None  # what of the run is in the last file
        self._since, self._told = time.monotonic(), False
        self._thread: threading.Thread | None = None
        remove_left_over(self._folder)

    def next_due(self, step: int) -> int:
        """The first step after `step` at which a chunk must end, where steps decide."""
        every = self._wanted.steps
        return FOREVER if every is None else (step // every + 1) * every

    def landed(self, step: int, standing: Callable[[], Standing]) -> None:
        """The run has come to `step`; `standing` is asked for if it is to be kept."""
        every = self._wanted.steps
        if every is None:
            seconds = 60 * (self._wanted.minutes or MINUTES)
            is_due = time.monotonic() - self._since >= seconds and not self._is_writing
        else:
            is_due = step % every == 0
        if not is_due:
            return
        self._wait()
        self._since = time.monotonic()
        with self._harmless():
            now = standing()  # of values that nobody overwrites
            # The copied context sends what the thread prints to the cell that launched the run.
            work, arguments = contextvars.copy_context().run, (self._write, now)
            self._thread = threading.Thread(target=work, args=arguments, name="luxnb", daemon=True)
            self._thread.start()

    def ended(self, standing: Callable[[], Standing]) -> None:
        """The run came to an end, whichever; returns when all is written."""
        self._wait()
        with self._harmless():
            self._write(standing())

    @property
    def _is_writing(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _wait(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _write(self, standing: Standing) -> None:
        """Write one, and remove those that are too many."""
        with self._harmless():
            content = int(standing.ts.step), standing.interventions, standing.target
            if content == self._written:
                return
            path = self._path(content[0])
            save(path, dataclasses.replace(standing, run=self._run), self._task)
            self._told, self._written = False, content
            self._files = [file for file in self._files if file != path] + [path]
        while len(self._files) > self._wanted.keep:
            with contextlib.suppress(OSError):
                self._files.pop(0).unlink()

    @contextlib.contextmanager
    def _harmless(self) -> Iterator[None]:
        """An error of keeping is told, once until something was kept again, and nothing more."""
        try:
            yield
        except Exception as error:
            if not self._told:
                print(f"luxnb: no checkpoint was kept: {error}", file=sys.stderr)
            self._told = True

    def _path(self, step: int) -> Path:
        """The file of this step; another run's stays."""
        copies = (self._folder / file_name(step, copy) for copy in itertools.count(1))
        return next(path for path in copies if path in self._files or not path.exists())
