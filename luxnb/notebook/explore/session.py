"""What a person has done to a model: every version of it, and where among them one stands."""

import threading
from collections.abc import Callable

from luxnb.core.layer import Layer
from luxnb.notebook.explore.edits import Version


class Session:
    """Versions of one model. Everything may be called from any thread; versions are values."""

    def __init__(self, model: Layer):
        self._lock = threading.RLock()
        self._versions = [Version.first(model)]
        self._here = 0
        self._before, self._note = self._versions[0], ""
        self._observers: list[Callable[[], None]] = []

    @property
    def now(self) -> Version:
        return self._versions[self._here]

    @property
    def before(self) -> Version:
        """Where one stood before the last change."""
        return self._before

    @property
    def note(self) -> str:
        """What the last change was, for a person."""
        return self._note

    @property
    def original(self) -> Layer:
        return self._versions[0].model

    @property
    def can_undo(self) -> bool:
        return self._here > 0

    @property
    def can_redo(self) -> bool:
        return self._here < len(self._versions) - 1

    def edit(self, change: Callable[..., Version], *args) -> None:
        """Go on with `change(version, *args)`; what it refuses leaves all as it was."""
        with self._lock:
            version = change(self.now, *args)
            self._before, self._note = self.now, version.note
            self._versions[self._here + 1 :] = [version]
            self._here += 1
        self._tell()

    def undo(self) -> bool:
        """One version back; False at the first one."""
        return self._step(-1, "undone")

    def redo(self) -> bool:
        """One version on; False at the last one."""
        return self._step(1, "done again")

    def reset(self) -> None:
        """The model before all edits, as one more edit, which can be undone."""
        first = self._versions[0]
        note = "the model is as it was"
        self.edit(lambda _: Version(first.model, first.origins, note))

    def observe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback()` called after each change, in the thread that made it. Returns a
        function that ends it."""
        self._observers.append(callback)
        return lambda: self._observers.remove(callback) if callback in self._observers else None

    def _step(self, by: int, word: str) -> bool:
        with self._lock:
            if not 0 <= self._here + by < len(self._versions):
                return False
            edited = max(self._here, self._here + by)
            self._before, self._note = self.now, f"{word}: {self._versions[edited].note}"
            self._here += by
        self._tell()
        return True

    def _tell(self) -> None:
        for callback in list(self._observers):
            callback()
