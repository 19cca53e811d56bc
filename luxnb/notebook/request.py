"""The request that the kernel is executing: by it a cell and one execution of it are known."""

from typing import Any

from IPython.core.getipython import get_ipython


def request() -> dict[str, Any]:
    """The message that asked for what is being executed, or an empty dict."""
    kernel = getattr(get_ipython(), "kernel", None)
    return (kernel.get_parent() if kernel is not None else None) or {}


def execution_id() -> str:
    """What tells this execution of a cell from every other."""
    return request().get("header", {}).get("msg_id", "")


def cell_id() -> str | None:
    """The id of the cell, where the front end says it."""
    return request().get("metadata", {}).get("cellId")
