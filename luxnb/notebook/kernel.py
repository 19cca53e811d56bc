"""Runs inside an IPython kernel: live views in the cell, one active run a cell."""

import contextlib
import uuid
import weakref

from IPython.display import display

from luxnb.core.view import view
from luxnb.notebook.live import LiveView
from luxnb.notebook.request import cell_id, execution_id, request


class KernelPlace:
    """Shows runs live where a person can watch them, and leaves a static figure behind."""

    def __init__(self):
        self._views: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # run -> _Shown
        self._launched: dict[str, tuple[str, list]] = {}  # cell -> (execution, its runs)

    @property
    def background(self) -> bool:
        """Whether a person can watch; headless execution (nbclient, nbconvert) takes no input."""
        return bool(request().get("content", {}).get("allow_stdin"))

    def launched(self, run) -> contextlib.AbstractContextManager:
        """Note that the running cell started `run`, and stop what it started when last executed."""
        cell, execution = cell_id(), execution_id()
        if cell is not None:
            before, runs = self._launched.get(cell, ("", []))
            if before != execution:
                for reference in runs:
                    old = reference()
                    if old is not None and old is not run and old.latest.active:
                        old.stop()
                runs = []
            self._launched[cell] = execution, [*runs, weakref.ref(run)]
        return contextlib.nullcontext()

    def show(self, run) -> bool:
        """Put a live view of `run` below the cell; False when there is nothing to be live about."""
        if not (run.latest.active and self.background):
            return False
        shown = self._views.get(run)
        if shown is None:
            shown = _Shown(run, forget=lambda: self._views.pop(run, None))
            self._views[run] = shown
            shown.display()
            shown.live.start()  # only now: what it tells the page comes after the output
        else:
            shown.display()
        return True


class _Shown:
    """One run's live view and the displays it stands in."""

    def __init__(self, run, forget):
        self._run, self._forget = run, forget
        self._displays: list[str] = []
        self.live = LiveView(run, cell=cell_id(), freeze=self._freeze)

    def display(self) -> None:
        self._displays.append(uuid.uuid4().hex)
        display(self.live.mimebundle(), raw=True, display_id=self._displays[-1])

    def _freeze(self) -> dict:
        """Put the run's static view in every display, and give its mimebundle to the page."""
        self._forget()
        bundle = view(self._run)._repr_mimebundle_()
        for display_id in self._displays:
            display(bundle, raw=True, display_id=display_id, update=True)
        return bundle
