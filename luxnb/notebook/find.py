"""Finds the place in which this code runs: a kernel with a page, a terminal, or neither."""

import functools
import sys
from typing import Any

from luxnb.notebook.terminal import TerminalPlace


def find():
    """The one place of this process."""
    return _kernel() if hasattr(running_shell(), "kernel") else _terminal()


def running_shell() -> Any:
    """IPython's shell, if this runs in one; it is not imported for that."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


@functools.cache
def _kernel():
    from luxnb.notebook.kernel import KernelPlace

    return KernelPlace()


@functools.cache
def _terminal():
    return TerminalPlace()
