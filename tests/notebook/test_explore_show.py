"""The explorer's output in a real kernel: a static tree, and a widget that has none of its own."""

import os
import re
import subprocess
import sys

import pytest
from jupyter_client.manager import KernelManager

from tests.notebook.test_kernel import Page

SETUP = """
import luxnb as lx
model = lx.Chain(lx.Dense(8, 16), lx.Dense(16, 4))
explorer = lx.explore(model, x=(2, 8))
"""


class Kernel(Page):
    def shown(self, code, **options):
        """What a cell puts out, and the ids of the widgets that it opens and closes."""
        before = len(self.messages)
        self.execute(code, **options)
        new = self.messages[before:]
        outputs = [m["content"]["data"] for m in new if m["msg_type"] == "display_data"]
        opened = [m["content"] for m in new if m["msg_type"] == "comm_open"]
        models = [m for m in opened if m["data"]["state"].get("_model_name") == "AnyModel"]
        closed = [m["content"]["comm_id"] for m in new if m["msg_type"] == "comm_close"]
        return outputs, [model["comm_id"] for model in models], closed


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    manager = KernelManager()
    scratch = tmp_path_factory.mktemp("ipython")
    manager.start_kernel(env={**os.environ, "IPYTHONDIR": str(scratch)})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    kernel = Kernel(client)
    kernel.execute(SETUP)
    yield kernel
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def markers(output):
    return re.findall(r'class="(lx-explorer-[\w-]+)"', output["text/html"])


def test_a_cell_has_one_static_output_and_a_widget_without_one(kernel):
    (output,), (model,), closed = kernel.shown("explorer", cell="cell-a")
    assert sorted(output) == ["text/html", "text/plain"]
    assert markers(output) == ["lx-explorer-cell-a-1"]
    assert "Dense(8 =&gt; 16)" in output["text/html"] and "<script" not in output["text/html"]
    assert output["text/plain"].startswith(" ") and "f32[2,4]" in output["text/plain"]
    kernel.say(model, type="hello")
    message = kernel.wait(lambda m: m["msg_type"] == "comm_msg")
    assert message["content"]["data"]["content"]["marker"] == "lx-explorer-cell-a-1"
    assert closed == []


def test_the_same_cell_again_writes_the_same_bytes_and_closes_what_it_had_opened(kernel):
    (first,), (old,), _ = kernel.shown("explorer", cell="cell-b")
    (second,), (new,), closed = kernel.shown("explorer", cell="cell-b")
    assert first == second
    assert old in closed and new not in closed


def test_two_in_one_cell_and_one_elsewhere_are_told_apart(kernel):
    code = "display(explorer)\nlx.explore(model)"
    outputs, models, closed = kernel.shown(code, cell="cell-c")
    assert [markers(o) for o in outputs] == [["lx-explorer-cell-c-1"], ["lx-explorer-cell-c-2"]]
    assert len(models) == 2 and closed == []
    again, _, closed = kernel.shown(code, cell="cell-c")
    assert again == outputs and set(models) <= set(closed)
    (elsewhere,), _, closed = kernel.shown("explorer", cell="cell-d")
    assert markers(elsewhere) == ["lx-explorer-cell-d-1"] and closed == []


def test_headless_execution_has_the_tree_alone(kernel):
    (output,), models, _ = kernel.shown("explorer", person=False)
    assert sorted(output) == ["text/html", "text/plain"]
    assert markers(output) == [] and models == []


def test_a_cell_without_an_id_works(kernel):
    (output,), (_,), _ = kernel.shown("explorer", cell=None)
    assert len(markers(output)) == 1


def test_in_a_script_nothing_of_jupyter_is_needed():
    code = SETUP + (
        "explorer.edit('layer_1', out_dims=32)\n"
        "print(explorer)\nprint(repr(explorer))\n"
        "import sys; print([m for m in ('IPython', 'anywidget') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert "✗ expected x of shape (…, 16)" in result.stdout
    assert result.stdout.endswith("<Explorer of Chain, edited>\n[]\n")
