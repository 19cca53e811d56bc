"""An error of a model in a real JupyterLab: the tree above, a short traceback below, and after it
everything as before."""

import re

import pytest

from tests.notebook.lab import Notebook, lab_server, write_notebook

MODEL = """
import jax, jax.numpy as jnp, luxnb as lx
class Net(lx.Layer):
    inner: lx.Layer
    def forward(self, x, ps, st):
        x, st.inner = self.inner(x, ps.inner, st.inner)
        return x, st
model = lx.Chain(lx.Dense(4, 8), body=Net(lx.Chain(lx.Dense(8, 6), lx.Dense(9, 1))))
ps, st = model.init(0)
"""
CALL = "model(jnp.ones((2, 4)), ps, st)"
NEXT = "print('works:', model[:1](jnp.ones((2, 4)), ps, st)[0].shape)"
FAULT = "✗ expected x of shape (…, 9), in_dims = 9; got f32[2,6] (output of body.inner.layer_1)"


@pytest.fixture(scope="module")
def notebook(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    write_notebook(root / "error.ipynb", MODEL, CALL, NEXT)
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    with lab_server(root, tmp_path_factory.mktemp("scratch")) as address:
        notebook = Notebook(context.new_page(), address, "error.ipynb").open()
        for cell in range(3):  # as by hand: running all would end at the error
            notebook.run(cell)
            notebook.wait(f"cells[{cell}].executionCount !== null")
        notebook.wait("cells[2].outputs.length === 1")
        yield notebook
        assert notebook.errors == [] and notebook.strangers == []
        notebook.shut_down()
        context.close()


def tree(notebook):
    return notebook.page.locator(".jp-OutputArea-output .lx").first


def shown(notebook):
    """What a person reads: the rows that are to be seen, and the traceback."""
    rows = tree(notebook).locator("summary:visible").all_inner_texts()
    error = notebook.page.locator(
        ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
    )
    return [" ".join(row.split()) for row in rows], error.first.inner_text()


def check(notebook):
    rows, error = shown(notebook)
    assert [row.split()[0] for row in rows] == [
        "Chain", "layer_1", "body", "inner", "layer_1", "layer_2",
    ]  # fmt: skip
    assert FAULT in rows[-1]
    assert "→ f32[2,8]" in rows[1]
    assert "→ f32[2,6]" in rows[4]
    assert not any("→" in rows[i] for i in (0, 2, 3, 5))
    frames = re.findall(r"^(Cell In\[\d+\]|File .*?), line (\d+)", error, re.M)
    assert frames == [("Cell In[2]", "1"), ("Cell In[1]", "5")]
    assert error.rstrip().splitlines()[-3:] == [
        "ValueError: expected x of shape (…, 9), in_dims = 9; got f32[2,6]",
        "at body.inner.layer_2: Dense(9, 1) was given x: f32[2,6]",
        "%tb shows the whole traceback.",
    ]


def fault_contrast(notebook):
    """Of the fault with what is behind it, as WCAG counts."""
    return notebook.page.evaluate(
        """() => {
            const pen = document.createElement('canvas').getContext('2d', { colorSpace: 'srgb' });
            const rgb = (color, under) => {
                pen.fillStyle = under; pen.fillRect(0, 0, 1, 1);
                pen.fillStyle = color; pen.fillRect(0, 0, 1, 1);
                return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
            };
            const light = (c) => c.map((v) => v / 255)
                .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = getComputedStyle(document.body).getPropertyValue('--jp-layout-color0');
            const mark = document.querySelector('.lx mark');
            const [a, b] = [light(rgb(getComputedStyle(mark).color, ground)),
                light(rgb(ground, ground))];
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        }"""
    )


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_tree_stands_open_at_the_fault_above_a_short_traceback(notebook, theme):
    notebook.theme(theme)
    check(notebook)
    assert fault_contrast(notebook) >= 4.5
    error = notebook.page.locator("[data-mime-type='application/vnd.jupyter.stderr']").first
    assert tree(notebook).bounding_box()["y"] < error.bounding_box()["y"]


def test_nothing_is_wider_than_the_page(notebook):
    width = "document.querySelector('.jp-OutputArea-output:has(.lx)')"
    assert notebook.page.evaluate(f"{width}.scrollWidth <= {width}.clientWidth")


def test_the_next_cell_works(notebook):
    assert notebook.outputs(2)[0]["text"] == "works: (2, 8)\n"


def test_the_saved_notebook_shows_the_same(notebook):
    before = notebook.outputs(1)
    assert [output["output_type"] for output in before] == ["display_data", "error"]
    notebook.save()
    notebook.reload()
    notebook.wait("cells[1].outputs.length === 2")
    tree(notebook).wait_for()
    assert notebook.outputs(1) == before
    check(notebook)
