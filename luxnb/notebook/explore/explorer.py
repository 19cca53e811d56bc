"""Explorer: an exploration with a page."""

from luxnb.notebook.explore.exploration import Exploration


class Explorer(Exploration):
    """A model that is looked into and edited, on the page or from code. Made by `explore`.

    As the last line of a notebook cell it is the explorer on the page.
    """

    def widget(self):
        """The explorer as an ordinary widget, for a front end that knows widgets in outputs only.

        JupyterLab needs it not: there the explorer itself is the last line of a cell.
        """
        from luxnb.notebook.explore.widget import ExplorerWidget

        return ExplorerWidget(self)

    def _ipython_display_(self):
        from luxnb.notebook.explore.show import show

        show(self)
