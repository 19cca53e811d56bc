"""The explorer in a cell: one static output that every front end can show, and the live one on it.

The output is the model's tree. The widget is opened without a view: the page finds the tree by a
class of its element and stands there as long as a kernel answers. What is saved is the tree alone,
so a notebook that is reopened, exported or not trusted shows it, and never a widget that is lost.
"""

import re
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from luxnb.core.view import view
from luxnb.display.element import Html, tag
from luxnb.notebook.explore.exploration import Exploration
from luxnb.notebook.explore.widget import ExplorerWidget
from luxnb.notebook.find import find

# marker -> the execution that put it out, and the widget that stands there
_open: dict[str, tuple[str, ExplorerWidget]] = {}


def show(explorer: Exploration) -> None:
    """Put out the tree, and where a person can be there to use it, open the explorer on it."""
    bundle = dict(view(explorer)._repr_mimebundle_())
    if not getattr(find(), "background", False):
        display(bundle, raw=True)
        return
    marker = _marker()
    bundle["text/html"] = tag("div", Html(bundle["text/html"]), class_=marker)
    display(bundle, raw=True)
    _open[marker] = _execution(), ExplorerWidget(explorer, marker)


def _marker() -> str:
    """A class that names the place: by its cell, so that it is the same whenever the cell is run.

    A widget that an earlier run of the cell has left there is closed.
    """
    cell = re.sub(r"[^\w-]", "", str(_parent().get("metadata", {}).get("cellId") or "cell"))
    number = 1
    while True:
        marker = f"lx-explorer-{cell}-{number}"
        execution, widget = _open.get(marker, ("", None))
        if widget is None or execution != _execution():
            break
        number += 1
    if widget is not None:
        widget.close()
    return marker


def _execution() -> str:
    return _parent().get("header", {}).get("msg_id", "")


def _parent() -> dict[str, Any]:
    """The request that is being executed, or an empty dict."""
    kernel = getattr(get_ipython(), "kernel", None)
    return (kernel.get_parent() if kernel is not None else None) or {}
