"""The first tutorial as a person meets it: JupyterLab, the notebook, its tree, its curve, its end.

And as a file: executed outputs, small, without errors.
"""

import json
import pathlib

import pytest

from luxnb.cli import main
from tests.notebook.lab import Notebook, lab_server

NOTEBOOK = pathlib.Path(__file__).parents[2] / "notebooks" / "01_a_first_model.ipynb"
CELLS = [c for c in json.loads(NOTEBOOK.read_text())["cells"] if c["cell_type"] == "code"]
TREE, FIT, SCORE, RERUN = (
    next(i for i, cell in enumerate(CELLS) if words in "".join(cell["source"]))
    for words in ("model = lx.Chain(", "run = lx.fit(", "await run", "run.rerun()")
)


def texts(outputs):
    data = [o.get("data", {}) | {"stream": o.get("text", "")} for o in outputs]
    return " ".join("".join(v) for d in data for v in d.values() if isinstance(v, list | str))


def accuracy(outputs):
    return float(texts(outputs).split("digits: ")[1].split("%")[0])


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    # Long enough for every button on any machine; the test itself presses Stop.
    longer = NOTEBOOK.read_text().replace("epochs=200", "epochs=20000")
    assert "epochs=20000" in longer
    (root / NOTEBOOK.name).write_text(longer)
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    with lab_server(root, tmp_path_factory.mktemp("scratch")) as address:
        notebook = Notebook(context.new_page(), address, NOTEBOOK.name).open()
        yield notebook
        notebook.shut_down()
        context.close()


def test_the_file_holds_what_a_run_shows():
    assert all("".join(cell["source"]).strip() for cell in CELLS)
    outputs = [output for cell in CELLS for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert NOTEBOOK.stat().st_size < 300_000
    assert "widget" not in json.dumps(outputs)
    assert "data:image/png;base64," in texts(CELLS[FIT]["outputs"])
    assert "✓ identical to the bit" in texts(CELLS[RERUN]["outputs"])
    assert accuracy(CELLS[SCORE]["outputs"]) >= 97


def test_executed_anew_it_shows_the_same(tmp_path):
    copy = tmp_path / NOTEBOOK.name
    copy.write_bytes(NOTEBOOK.read_bytes())
    assert main(["run", "--save", str(copy)]) == 0
    cells = [c for c in json.loads(copy.read_text())["cells"] if c["cell_type"] == "code"]
    assert accuracy(cells[SCORE]["outputs"]) >= 97
    assert "✓ identical to the bit: 8,800 steps" in texts(cells[RERUN]["outputs"])
    for new, old in zip(cells, CELLS, strict=True):
        kinds = [[sorted(o.get("data", {})) for o in c["outputs"]] for c in (new, old)]
        assert kinds[0] == kinds[1], "the committed outputs are those of another version"


def test_it_can_be_read_before_it_is_run(notebook):
    """Nobody has trusted this copy, so styles are taken away; the tree is still a tree."""
    tree = notebook.page.locator(".jp-Notebook").get_by_text("Dense(64 => 256, relu)").first
    tree.wait_for()
    assert notebook.ask(f"cells[{TREE}].trusted") is False


def test_run_pause_resume_reload_stop(notebook):
    notebook.run_all()
    notebook.live.locator("canvas").first.wait_for(timeout=60_000)
    tree = notebook.page.locator(".jp-Cell:has-text('model = lx.Chain(') .lx summary")
    assert tree.count() == 6 and "Dense(64 => 256, relu)" in tree.nth(1).text_content()

    notebook.wait_status("training")
    notebook.live.first.scroll_into_view_if_needed()
    curve = "document.querySelector('.luxnb-live canvas').toDataURL()"
    first, before = notebook.step(), notebook.page.evaluate(curve)
    wait_for_step(notebook, first + 1)
    notebook.page.wait_for_function(f"before => {curve} !== before", arg=before)  # it grows
    notebook.press("Pause")
    notebook.wait_status("paused")
    paused = notebook.step()
    notebook.page.wait_for_timeout(700)
    assert notebook.step() == paused > first

    notebook.save()
    notebook.reload()
    notebook.wait_status("paused")
    assert notebook.step() == paused, "the page found the run where it was"
    notebook.press("Resume")
    wait_for_step(notebook, max(paused + 1, 3000))
    notebook.press("Stop")
    notebook.live.wait_for(state="detached")
    notebook.wait(f"cells[{FIT}].outputs.length === 1")
    shown = texts(notebook.outputs(FIT))
    assert "data:image/png;base64," in shown and "stopped, " in shown


def test_a_rerun_gives_the_same_bits(notebook):
    """After a pause, a reload and a stop, and now watched by nobody: the cells below."""
    notebook.run_code("run.stop(); run.wait()")
    for cell in range(SCORE, len(CELLS)):
        notebook.run(cell)
        notebook.wait(
            f"cells[{cell}].executionCount !== null "
            "&& panel.sessionContext.session.kernel.status === 'idle'",
            120,
        )
    assert "✓ identical to the bit: " in texts(notebook.outputs(RERUN))
    assert notebook.errors == [] and notebook.strangers == []


def wait_for_step(notebook, step):
    """Wait until the live view shows at least this step."""
    notebook.page.wait_for_function(
        "step => Number(document.querySelector('.luxnb-live header span').innerText"
        ".split('step ')[1]?.split(' of')[0].replaceAll(',', '') ?? 0) >= step",
        arg=step,
        timeout=60_000,
    )
