"""Prefetch: a thread that draws batches ahead, stacks them, and moves them to the device."""

import contextlib
import contextvars
import threading
import time
from collections import deque
from typing import Any, Protocol

import numpy as np

from luxnb.train.feed.block import Block
from luxnb.train.feed.feed import Portion
from luxnb.train.feed.form import Form
from luxnb.train.running.ending import keep_until_the_end

AHEAD = 2  # blocks that wait to be taken
MOMENT = 0.05  # seconds that `take` waits for a batch, before others have their say
REST = 0.25  # seconds after which the thread ends when nobody takes what there is


class Drawing(Protocol):
    """Batches one after the other. Used by one thread at a time."""

    def draw(self, most: int) -> tuple[list[np.ndarray], int] | None:
        """The arrays of the next n ≤ `most` batches, stacked, and n; None where the data end."""
        ...

    def place(self) -> Any:
        """Where the next batch is found, as data for JSON."""
        ...

    def beyond(self, place: Any, n: int) -> Any:
        """The place n batches later."""
        ...


class Prefetch:
    """The Supply of whatever is drawn on the host: see `Supply`.

    Batches are handed out as soon as they are asked for, be the block full or not. When nobody
    takes any, because the run stands still or is forgotten, the thread ends, and what it has drawn
    is kept; when somebody does again, another one goes on.
    """

    def __init__(self, drawing: Drawing, form: Form, step: int):
        self._drawing, self._form = drawing, form
        self._blocks: deque[Block] = deque()  # of all steps that may still be asked for
        self._marks = deque([(step, drawing.place())])  # places of some steps, in their order
        self._mark_at = step + form.capacity  # the next one
        self._drawn = self._taken = step
        self._ended = self._closed = False
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._asked_at = time.monotonic()
        self._changed = threading.Condition()
        with self._changed:
            self._start_thread()

    # -- the Supply -----------------------------------------------------------------------------

    def take(self, step: int, most: int) -> Portion | None:
        with self._changed:
            if self._closed:
                raise ValueError("the data were closed: nothing can be taken any more")
            self._asked_at = time.monotonic()
            self._start_thread()
            self._changed.wait_for(lambda: step < self._drawn or self._thread is None, MOMENT)
            if step >= self._drawn:
                return self._without()
            block = next(block for block in self._blocks if block.end > step)
            block.sealed = True
            n = min(most, block.end - step)
            self._taken = max(self._taken, step + n)
            self._changed.notify_all()  # there may be room now
        return Portion(block.on_device(), block.start, n)

    def release(self, step: int) -> None:
        with self._changed:
            while self._blocks and self._blocks[0].end <= min(step, self._taken):
                self._blocks.popleft()
            while len(self._marks) > 1 and self._marks[1][0] <= step:
                self._marks.popleft()

    def position(self, step: int) -> Any:
        with self._changed:
            for marked, place in reversed(self._marks):
                if marked <= step:
                    return self._drawing.beyond(place, step - marked)
        return None

    def close(self) -> None:
        self.stop()
        self.wait_still(1)

    # -- at the end of the process, see `keep_until_the_end` ------------------------------------

    def stop(self) -> None:
        with self._changed:
            self._closed = True
            self._blocks.clear()
            self._changed.notify_all()

    @property
    def still(self) -> bool:
        return self._thread is None

    def wait_still(self, seconds: float) -> bool:
        if (thread := self._thread) is not None:
            thread.join(min(seconds, 1))  # the user's iterator cannot be told to come to an end
        return self.still

    # -- the thread; whoever calls these has the lock, but for `_work` --------------------------

    def _without(self) -> Portion | None:
        """What `take` answers when there is nothing to take."""
        if self._error is not None:
            error, self._error = self._error, None  # whoever asks again wants to go on
            raise error
        return None if self._ended else Portion(None, 0, 0)

    def _start_thread(self) -> None:
        finished = self._ended or self._closed or self._error is not None
        if self._thread is not None or finished or not self._room():
            return
        # What the user's iterator prints goes to the cell that trains.
        work = contextvars.copy_context().run
        arguments = (self._work,)
        self._thread = threading.Thread(target=work, args=arguments, name="luxnb data", daemon=True)
        keep_until_the_end(self)
        self._thread.start()

    def _room(self) -> int:
        """How many batches may be drawn now."""
        waiting = [block for block in self._blocks if block.end > self._taken]
        if waiting and waiting[-1].room:
            return waiting[-1].room
        return self._form.capacity if len(waiting) < AHEAD else 0

    def _work(self) -> None:
        try:
            while most := self._wait_for_room():
                self._mark()
                drawn = self._drawing.draw(most)  # the user's iterator runs here
                if drawn is None:
                    self._end(ended=True)
                    return
                full = self._add(*drawn)
                if full is not None:
                    with contextlib.suppress(Exception):  # who takes it will try again, and hear
                        full.on_device()
        except BaseException as error:
            self._end(error=error)

    def _wait_for_room(self) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._room(), REST)
            forgotten = time.monotonic() - self._asked_at > REST and self._drawn > self._taken
            most = 0 if self._closed or forgotten else self._room()
            if not most:
                self._thread = None
            return most

    def _mark(self) -> None:
        if self._drawn < self._mark_at:
            return
        place = self._drawing.place()
        with self._changed:
            self._marks.append((self._drawn, place))
            self._mark_at = self._drawn + self._form.capacity

    def _add(self, leaves: list[np.ndarray], n: int) -> Block | None:
        """Put batches where they belong; the block, if it is full now."""
        with self._changed:
            if self._closed:
                return None
            if not self._blocks or self._blocks[-1].room < n:
                self._blocks.append(Block(self._form, self._drawn))
            block = self._blocks[-1]
            block.add(leaves, n)
            self._drawn += n
            self._changed.notify_all()
            return block if block.sealed else None

    def _end(self, *, ended: bool = False, error: BaseException | None = None) -> None:
        with self._changed:
            self._ended, self._error, self._thread = ended, error, None
            self._mark_at = self._drawn  # what is drawn next may be another batch
            if self._blocks:
                self._blocks[-1].sealed = True
            self._changed.notify_all()
