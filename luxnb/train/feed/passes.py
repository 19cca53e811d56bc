"""Passes: the batches of an origin one after the other, and where among them one is."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from luxnb.train.feed.form import Form
from luxnb.train.feed.origin import Origin
from luxnb.train.feed.position import restored, state_of

_END = object()


class Passes:
    """Goes through an origin, again from its beginning when a pass is over.

    Its place is data for JSON: `batch` of the pass number `pass`, and `batches` in all, counted as
    they come, also those that are refused; and the iterator's own `state`, where it has one.
    """

    def __init__(self, origin: Origin, form: Form | None = None):
        self._origin, self._form = origin, form
        self._iterator: Iterator | None = None
        self._pass = self._batch = self._batches = 0
        self._ahead: list = []  # a batch that was looked at and is still to be drawn
        self._failed = False  # the iterator, the last time
        self._goal: Mapping | None = None  # the place to go to first

    def look(self) -> Form:
        """The form of the first batch, which stays the next to be drawn."""
        batch = self._raw_or_end()
        if batch is _END:
            raise ValueError(f"the data hold no batch: there is nothing in {self._origin.title}")
        self._ahead.append(batch)
        self._form = Form.of(batch)
        return self._form

    def go(self, place: Mapping) -> None:
        """Have the batch at `place` drawn next; it may be a long way, which `draw` will go."""
        self._goal, state = place, place.get("state")
        if state is not None and (iterator := restored(self._origin, place["pass"], state)):
            self._iterator, self._ahead = iterator, []
            self._pass, self._batch = place["pass"], place["batch"] - place["beyond"]
            self._batches = place["batches"] - place["beyond"]
        elif self._origin.jumps and place.get("pass"):
            self._iterator, self._ahead = None, []
            self._pass, self._batches = place["pass"], place["batches"] - place["batch"]

    # -- as a Drawing, see `prefetch` -----------------------------------------------------------

    def draw(self, most: int) -> tuple[list[np.ndarray], int] | None:
        self._arrive()
        batch = self._advance()
        return None if batch is _END else ([a[None] for a in self._checked(batch)], 1)

    def place(self) -> dict[str, Any]:
        if self._goal is not None:
            return dict(self._goal)
        here = {"pass": self._pass, "batch": self._batch, "batches": self._batches}
        state = None if self._ahead else state_of(self._origin, self._iterator)
        return here if state is None else {**here, "state": state, "beyond": 0}

    def beyond(self, place: Mapping, n: int) -> dict[str, Any]:
        counts = {name: place[name] + n for name in ("batch", "batches", "beyond") if name in place}
        return {**place, **counts}

    # -- one batch after the other --------------------------------------------------------------

    def _arrive(self) -> None:
        goal = self._goal
        while goal is not None and self._batches < goal["batches"]:
            batch = self._advance()
            if batch is _END:
                break
            if "pass" not in goal:  # so many steps, of which none was taken with a bad batch
                self._checked(batch)
        self._goal = None

    def _advance(self) -> Any:
        """The next batch as it comes; a smaller one at the end of a pass is left out."""
        while True:
            batch = self._raw_or_end()
            if batch is _END:
                if not self._batch or not self._origin.passes:  # one more would not give more
                    return _END
                self._iterator, self._pass, self._batch = None, self._pass + 1, 0
                continue
            if self._form is not None and self._form.is_smaller(batch) and self._is_last():
                continue
            self._batch += 1
            self._batches += 1
            return batch

    def _is_last(self) -> bool:
        batch = self._raw_or_end()
        if batch is not _END:
            self._ahead.append(batch)
        return batch is _END

    def _raw_or_end(self) -> Any:
        """What the iterator of this pass gives next."""
        if self._ahead:
            return self._ahead.pop()
        try:
            if self._iterator is None:
                self._iterator = self._origin.begin(self._pass)
            batch = next(self._iterator, _END)
            if batch is _END and self._failed and self._origin.passes:
                batch = self._again()
        except Exception as error:
            self._failed = True
            error.add_note(f"luxnb took batch {self._batch + 1:,}{self._of_pass} of the data")
            raise
        self._failed = False
        return batch

    def _again(self) -> Any:
        """A generator that raised is over: go to where that was in another one."""
        self._iterator = self._origin.begin(self._pass)
        for _ in range(self._batch):
            next(self._iterator, _END)
        return next(self._iterator, _END)

    def _checked(self, batch: Any) -> list[np.ndarray]:
        assert self._form is not None
        try:
            return self._form.check(batch)
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"batch {self._batch:,}{self._of_pass}: {error}") from None

    @property
    def _of_pass(self) -> str:
        return f" of pass {self._pass + 1:,}" if self._pass else ""
