"""Which place a run finds itself in, and at what price."""

import subprocess
import sys

from luxnb.notebook.find import find


def test_outside_a_kernel_it_is_the_terminal_and_always_the_same():
    assert type(find()).__name__ == "TerminalPlace"
    assert find() is find()


def test_looking_for_the_place_imports_neither_ipython_nor_widgets():
    code = "import sys; from luxnb.notebook.find import find; find(); "
    code += "print([m for m in ('IPython', 'ipywidgets', 'anywidget') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
