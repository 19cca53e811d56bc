"""The explorer in a real JupyterLab: edited by mouse and keyboard, found again, and saved."""

import json

import nbformat
import pytest

from tests.notebook.lab import Notebook, lab_server, write_notebook

MODEL = """
import jax, luxnb as lx
model = lx.Chain(lx.Dense(8, 16, jax.nn.relu), lx.Dropout(0.2), lx.Dense(16, 4))
ps, st = model.init(0)
explorer = lx.explore(model, ps, st, (2, 8))
explorer
"""
TRANSFER = """
params, state = explorer.transfer()
print(explorer.model)
print(params.layer_1.weight is ps.layer_1.weight, params.layer_3.weight.shape)
"""
SLEEP = "import time; time.sleep(6)"
FOREIGN = "display(HTML('<b>hello</b>'))"
FOREIGN_OUTPUT = {"text/html": "<b>hello</b>", "text/plain": "hello"}
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    with lab_server(root, tmp_path_factory.mktemp("scratch")) as address:
        yield address, root


class Explored(Notebook):
    """A notebook with an explorer in its first cell."""

    @property
    def explorer(self):
        return self.page.locator(".luxnb-explore")

    @property
    def static(self):
        """The tree that is in the output, seen or not."""
        return self.page.locator("[class^=lx-explorer-]")

    def row(self, path):
        """The row of the layer that stands in the tree under that name."""
        return self.explorer.locator(f"[role=treeitem]:has(b:text-is('{path}'))")

    def field(self, name):
        return self.explorer.get_by_label(name, exact=True)

    def note(self, text, seconds=10):
        self.explorer.get_by_text(text).first.wait_for(timeout=1000 * seconds)

    def code(self):
        self.explorer.get_by_role("button", name="Copy code").click()
        return self.page.evaluate("navigator.clipboard.readText()")


@pytest.fixture
def notebook(browser, server, request):
    address, root = server
    name = f"{request.node.name}.ipynb"
    write_notebook(root / name, MODEL, TRANSFER, SLEEP, FOREIGN, output=FOREIGN_OUTPUT)
    permissions = ["clipboard-read", "clipboard-write"]
    context = browser.new_context(viewport={"width": 1200, "height": 900}, permissions=permissions)
    notebook = Explored(context.new_page(), address, name).open()
    notebook.file = root / name
    notebook.run(0)
    notebook.row("layer_1").wait_for(timeout=60_000)
    yield notebook
    assert notebook.errors == [] and notebook.strangers == []
    notebook.shut_down()
    context.close()


def printed(notebook, cell):
    notebook.wait(f"cells[{cell}].outputs.length > 0")
    return "".join(output["text"] for output in notebook.outputs(cell))


def test_edit_and_error_and_code_and_transfer_by_mouse(notebook):
    notebook.row("layer_3").click()
    field = notebook.field("out_dims")
    field.fill("6")
    field.press("Enter")
    notebook.note("layer_3.out_dims is now 6: 246 parameters (+34)")
    notebook.row("layer_2").click()
    notebook.explorer.get_by_role("button", name="Duplicate").click()
    notebook.note("layer_2 is there twice")
    notebook.explorer.get_by_role("button", name="Undo").click()
    notebook.note("undone: layer_2 is there twice")

    notebook.row("layer_1").click()
    field = notebook.field("out_dims")
    field.fill("32")
    field.press("Enter")
    notebook.note("expected x of shape (…, 16)")
    assert "✗" in notebook.row("layer_3").inner_text()
    field.fill("-1")
    field.press("Enter")
    notebook.note("Dense.out_dims must be a positive integer, got -1")
    notebook.explorer.get_by_role("button", name="Undo").click()
    notebook.row("layer_1").get_by_text("Dense(8 => 16, relu)").wait_for()

    made: dict = {}
    exec(notebook.code(), made)
    assert repr(made["model"]) == "Chain(Dense(8, 16, jax.nn.relu), Dropout(0.2), Dense(16, 6))"
    notebook.run(1)
    assert printed(notebook, 1).endswith("True (16, 6)\n")


def test_the_same_by_keyboard_alone(notebook):
    keys = notebook.page.keyboard
    notebook.row("layer_1").focus()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    notebook.field("out_dims").wait_for()
    keys.press("Alt+ArrowUp")
    notebook.note("layer_3 has moved up")
    keys.press("Delete")
    notebook.note("layer_2 is removed")
    keys.press("Control+z")
    notebook.note("undone: layer_2 is removed")
    keys.press("Control+z")
    notebook.note("undone: layer_3 has moved up")
    for letter in "dd":  # JupyterLab would delete the cell
        keys.press(letter)
    assert notebook.ask("cells.length") == 4
    keys.press("Home")
    keys.press("ArrowDown")
    keys.press("Enter")  # to its fields
    notebook.page.locator("input[aria-label=in_dims]:focus").wait_for()
    keys.press("Control+a")
    keys.type("9")
    keys.press("Enter")
    notebook.note("layer_1.in_dims is now 9")


def test_edits_are_answered_while_a_cell_runs(notebook):
    notebook.run(2)
    notebook.row("layer_2").click()
    field = notebook.field("rate")
    field.fill("0.5")
    field.press("Enter")
    notebook.note("layer_2.rate is now 0.5", 4)
    assert notebook.ask("cells[2].executionState") == "running"


def test_a_page_that_is_loaded_again_finds_its_explorer(notebook):
    notebook.row("layer_2").click()
    field = notebook.field("rate")
    field.fill("0.5")
    field.press("Enter")
    notebook.note("layer_2.rate is now 0.5")
    notebook.save()
    notebook.reload()
    notebook.row("layer_2").wait_for()
    assert "Dropout(0.5)" in notebook.row("layer_2").inner_text()
    assert notebook.static.is_hidden()


def test_a_cell_that_is_run_again_has_one_explorer(notebook):
    notebook.save()
    before = notebook.outputs(0)
    notebook.run_code("explorer.edit('layer_2', rate=0.5)")
    notebook.note("layer_2.rate is now 0.5")
    notebook.run(0)
    notebook.row("layer_2").get_by_text("Dropout(0.2)").wait_for()
    notebook.wait("cells[0].outputs.length === 1")
    assert notebook.explorer.count() == 1
    assert [o["data"] for o in notebook.outputs(0)] == [o["data"] for o in before]


def test_what_is_saved_is_the_tree_alone_and_is_shown_when_it_is_reopened(notebook):
    notebook.save()
    saved = nbformat.read(notebook.file, 4)
    assert sorted(saved.cells[0].outputs[0].data) == ["text/html", "text/plain"]
    assert WIDGET not in notebook.file.read_text() and "widgets" not in saved.metadata
    notebook.shut_down()
    notebook.page.goto("about:blank")
    notebook.open()
    notebook.static.locator("visible=true").wait_for()
    assert "Dense(8 => 16, relu)" in notebook.static.inner_text()
    assert notebook.page.get_by_text("Error displaying widget").count() == 0
    assert notebook.explorer.count() == 0


def test_an_untrusted_copy_shows_the_tree(notebook):
    notebook.save()
    copy = json.loads(notebook.file.read_text())
    path = notebook.file.with_name("copy.ipynb")
    path.write_text(json.dumps(copy))
    other = Explored(notebook.page.context.new_page(), notebook._url.split("/lab/")[0], path.name)
    other.open()
    output = other.page.locator(".jp-OutputArea-output").first
    output.wait_for()
    assert not other.ask("cells[0].trusted")
    assert "Dense(8 => 16, relu)" in output.inner_text() and "f32[2,4]" in output.inner_text()
    assert other.page.get_by_text("Error displaying widget").count() == 0
    assert other.errors == []
    other.shut_down()
