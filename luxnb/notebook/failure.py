"""An error of a model in IPython: its tree in the cell, and a traceback of the user's own lines.

IPython asks an exception itself how to print it (`_render_traceback_`). So nothing of IPython is
changed, the exception stays what it is, and one that is caught is never shown.
"""

import contextlib
import functools
import os
import sys
import traceback
import types
from collections.abc import Iterator
from pathlib import Path

from luxnb.core.errors import Failure
from luxnb.core.view import view
from luxnb.notebook.find import running_shell

HINT = "%tb shows the whole traceback."


def present(error: Exception, failure: Failure) -> None:
    """Have IPython ask here how to print `error`, should it ever reach a person."""
    if running_shell() is not None and not hasattr(error, "_render_traceback_"):
        error._render_traceback_ = functools.partial(_printed, failure)  # type: ignore[attr-defined]


def announce(error: BaseException) -> None:
    """Print an error of a thread, which nobody catches; in a kernel, below the cell it is of."""
    shell = running_shell()
    if hasattr(shell, "kernel"):
        shell.showtraceback((type(error), error, error.__traceback__))
    else:
        traceback.print_exception(error)


def _printed(failure: Failure) -> list[str]:
    """The traceback as IPython's lines: short while the error is being raised, and whole whenever
    it is asked for again, by %tb."""
    shell, error = running_shell(), sys.exc_info()[1]
    if error is None or getattr(error, "luxnb_failure", None) is not failure:
        return _formatted(shell, sys.last_value, None)
    short = users(error.__traceback__)
    if short is None:
        return _formatted(shell, error, None)
    in_cell = hasattr(shell, "kernel") and _displayed(failure)
    notes = [note[:] if in_cell else str(note) for note in getattr(error, "__notes__", ())]
    with _notes(error, [*notes, HINT]):
        return _formatted(shell, error, short)


def _formatted(shell, error, short: types.TracebackType | None) -> list[str]:
    """In the mode and the colours that the user has chosen."""
    whole, tb = error.__traceback__, shell.InteractiveTB
    lines = tb.structured_traceback(type(error), error, short or whole, tb_offset=0)
    tb.tb = whole  # of which %debug takes its frames
    return lines


def _displayed(failure: Failure) -> bool:
    """Put the tree into the cell."""
    from IPython.display import display

    try:
        display(view(failure)._repr_mimebundle_(), raw=True)
    except Exception:  # the error is what matters
        return False
    return True


@contextlib.contextmanager
def _notes(error: BaseException, notes: list[str]) -> Iterator[None]:
    """With other notes on the error, as long as it lasts."""
    before = error.__notes__
    error.__notes__ = notes
    try:
        yield
    finally:
        error.__notes__ = before


# -- whose code it is -----------------------------------------------------------------------------

_LUXNB = str(Path(__file__).parents[1])
_PYTHON = str(Path(os.__file__).parent)
_LIBRARIES = {"site-packages", "dist-packages"}


def users(trace: types.TracebackType | None) -> types.TracebackType | None:
    """The frames of the user's own code, layers included; None where there are none."""
    kept = None
    for frame, line in reversed(list(traceback.walk_tb(trace))):
        if is_users(frame.f_code.co_filename):
            kept = types.TracebackType(kept, frame, frame.f_lasti, line)
    return kept


def is_users(file: str) -> bool:
    """Whether a file was written by whoever sits before the screen: no library, nothing made."""
    if file.startswith("<"):
        return file.startswith(("<ipython-input", "<stdin"))
    parts = set(Path(file).parts)
    inside = (file.startswith(place + os.sep) for place in (_LUXNB, _PYTHON))
    return not any(inside) and not parts & _LIBRARIES
