"""The explorer in a cell: one static output that every front end can show, and the live one on it.

The output is the model's tree. The widget is opened without a view: the page finds the tree by a
class of its element and stands there as long as a kernel answers. What is saved is the tree alone,
so a notebook that is reopened, exported or not trusted shows it, and never a widget that is lost.
"""

import re

from IPython.display import display

from luxnb.core.view import view
from luxnb.display.element import Html, tag
from luxnb.notebook.explore.exploration import Exploration
from luxnb.notebook.explore.widget import ExplorerWidget
from luxnb.notebook.find import find
from luxnb.notebook.request import cell_id, execution_id

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
    _open[marker] = execution_id(), ExplorerWidget(explorer, marker)


def _marker() -> str:
    """A class that names the place: by its cell, so that it is the same whenever the cell is run.

    A widget that an earlier run of the cell has left there is closed.
    """
    cell = re.sub(r"[^\w-]", "", str(cell_id() or "cell"))
    number = 1
    while True:
        marker = f"lx-explorer-{cell}-{number}"
        execution, widget = _open.get(marker, ("", None))
        if widget is None or execution != execution_id():
            break
        number += 1
    if widget is not None:
        widget.close()
    return marker
