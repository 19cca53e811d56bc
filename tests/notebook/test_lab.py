"""The live view in a real JupyterLab: watched, steered, found again after a reload, frozen."""

import pathlib
import shutil

import pytest

from tests.notebook.lab import Notebook, lab_server, write_notebook

WIDGET = "application/vnd.jupyter.widget-view+json"

SETUP = """
from fake_run import FakeRun
from luxnb.notebook.find import find
place = find()
"""
LAUNCH = """
run = FakeRun(("loss", "accuracy"), target=100_000, steps_per_epoch=1000)
with place.launched(run):
    run.start(500)
place.show(run) and None
"""

# The notebook came from somebody else: it holds an output that this person has not made, and so
# JupyterLab does not trust it, however often it is saved.
FOREIGN = "display(HTML('<b>hello</b>'))"
FOREIGN_OUTPUT = {"text/html": "<b>hello</b>", "text/plain": "hello"}


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    shutil.copy(pathlib.Path(__file__).parent / "fake_run.py", root)
    with lab_server(root, tmp_path_factory.mktemp("scratch")) as address:
        yield address, root


@pytest.fixture
def notebook(browser, server, request):
    address, root = server
    name = f"{request.node.name}.ipynb"
    write_notebook(root / name, SETUP, LAUNCH, FOREIGN, output=FOREIGN_OUTPUT)
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    notebook = Notebook(context.new_page(), address, name).open()
    notebook.run(0)
    notebook.run(1)
    notebook.wait_status("training")
    yield notebook
    assert notebook.errors == [] and notebook.strangers == []
    notebook.shut_down()
    context.close()


def kinds(notebook, cell=1):
    return [sorted(output["data"]) for output in notebook.outputs(cell)]


def test_it_grows_pauses_resumes_and_ends_in_a_static_output(notebook):
    first = notebook.step()
    notebook.page.wait_for_timeout(500)
    assert notebook.step() > first
    notebook.press("Pause")
    notebook.wait_status("paused", 5)
    paused = notebook.step()
    notebook.page.wait_for_timeout(500)
    assert notebook.step() == paused
    notebook.press("Resume")
    notebook.wait_status("training", 5)
    notebook.press("Stop")
    notebook.live.wait_for(state="detached")
    notebook.wait("cells[1].outputs.length === 1")
    assert kinds(notebook) == [["text/html", "text/plain"]]
    notebook.wait(
        "panel.sessionContext.session.kernel.requestCommInfo({ target_name: 'jupyter.widget' })"
        ".then((reply) => Object.keys(reply.content.comms).length === 0)"
    )  # the kernel keeps no widget


@pytest.mark.parametrize("saved", [True, False])
def test_a_page_that_is_loaded_again_in_mid_run_finds_the_view(notebook, saved):
    if saved:
        notebook.save()
    before = notebook.step()
    notebook.reload()
    notebook.wait_status("training")
    assert notebook.step() > before
    assert notebook.ask("cells.map((cell) => cell.trusted)") == [False, True, False]
    notebook.press("Pause")
    notebook.wait_status("paused", 5)
    notebook.press("Stop")
    notebook.live.wait_for(state="detached")
    assert kinds(notebook) == [["text/html", "text/plain"]]


def test_a_run_that_ends_without_a_page_is_frozen_when_the_next_page_comes(notebook):
    notebook.save()
    notebook.run_code("import threading; threading.Timer(1.5, run.stop).start()")
    notebook.page.goto("about:blank")
    notebook.page.wait_for_timeout(3000)
    notebook.open()
    notebook.wait(f"cells[1].outputs.length === 1 && !('{WIDGET}' in cells[1].outputs.get(0).data)")
    assert kinds(notebook) == [["text/html", "text/plain"]]
    assert notebook.live.count() == 0
