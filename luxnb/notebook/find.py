"""Finds the place in which this code runs: a kernel with a page, a terminal, or neither."""

import functools
import sys

from luxnb.notebook.terminal import TerminalPlace


def find():
    """The one place of this process; nothing of IPython is imported unless it is running."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return _kernel() if hasattr(shell, "kernel") else _terminal()


@functools.cache
def _kernel():
    from luxnb.notebook.kernel import KernelPlace

    return KernelPlace()


@functools.cache
def _terminal():
    return TerminalPlace()
