"""The tree of a model in a real JupyterLab: read, opened, searched; in light and dark; untrusted;
and in a copy from which its style was taken, as GitHub does."""

import pathlib
import re

import pytest

from luxnb.core.view import view
from tests.display.models import GPT
from tests.display.test_html import contrast
from tests.notebook.lab import Notebook, lab_server, write_notebook

HERE = str(pathlib.Path(__file__).parents[2])
SHOW = "from tests.display.models import GPT\nGPT"
CLOSED = "layer_1.attention.layer.layer_2"  # a path that stands in a row that is closed


@pytest.fixture(scope="module")
def server(browser, tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    with lab_server(root, tmp_path_factory.mktemp("scratch"), PYTHONPATH=HERE) as address:
        yield address, root


@pytest.fixture
def opened(browser, server, request):
    """`opened(…)`: a new notebook with these cells, in a page of its own."""
    address, root = server
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    notebooks = []

    def open_one(*sources, output=None):
        name = f"{request.node.name}.ipynb"
        write_notebook(root / name, *sources, output=output)
        notebooks.append(Notebook(context.new_page(), address, name).open())
        return notebooks[-1]

    yield open_one
    for notebook in notebooks:
        assert notebook.errors == [] and notebook.strangers == []
        notebook.shut_down()
    context.close()


def tree(notebook):
    return notebook.page.locator(".jp-OutputArea-output .lx")


def test_read_opened_and_searched_in_light_and_dark(opened):
    notebook = opened(SHOW)
    notebook.run_all()
    notebook.wait_until_run()
    tree(notebook).wait_for()
    rows = tree(notebook).locator("summary")
    assert rows.first.is_visible() and rows.count() == 11
    _by_keyboard(notebook)
    for theme in ("light", "dark"):
        notebook.theme(theme)
        assert _lowest_contrast(notebook) >= 4.5
    _found_by_the_search_of_lab(notebook)


def _by_keyboard(notebook):
    """Tab and Enter reach and open each row; the first is reached from the root."""
    notebook.page.evaluate("document.querySelectorAll('.lx details').forEach(d => d.open = false)")
    tree(notebook).locator("summary").first.focus()
    for _ in range(11):
        notebook.page.keyboard.press("Enter")
        notebook.page.keyboard.press("Tab")
    assert tree(notebook).locator("details[open]").count() == 11


def _lowest_contrast(notebook) -> float:
    ground, inks = notebook.page.evaluate(
        """() => {
            const pen = document.createElement('canvas').getContext('2d');
            const read = colour => {
                pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
                return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
            };
            const style = getComputedStyle(document.body);
            const ground = read(style.getPropertyValue('--jp-layout-color0'));
            const all = [...document.querySelectorAll('.lx :is(b,samp,em,small,p,summary)')];
            return [ground, all.map(element => {
                read(`rgb(${ground})`);
                return read(getComputedStyle(element).color);
            })];
        }"""
    )
    return min(contrast(ink, ground) for ink in inks)


def _found_by_the_search_of_lab(notebook):
    page = notebook.page
    page.evaluate("document.querySelectorAll('.lx details').forEach(d => d.open = false)")
    notebook.ask("(panel.content.activeCellIndex = 0, panel.content.mode = 'command', 0)")
    page.locator(".jp-Notebook").first.focus()
    page.keyboard.press("Control+f")
    page.locator(".jp-DocumentSearch-filter-button").first.click()
    page.locator(".jp-DocumentSearch-search-filter", has_text="Outputs").locator("input").check()
    page.locator(".jp-DocumentSearch-input").first.fill(CLOSED)
    page.wait_for_function(
        "/1.1/.test(document.querySelector('.jp-DocumentSearch-index-counter').innerText)"
    )


def test_an_untrusted_copy_is_read_all_the_same(opened):
    picture = view(GPT)
    output = {"text/html": picture.html, "text/plain": picture.text}
    notebook = opened("1 + 1", output=output)
    shown = notebook.page.locator(".jp-OutputArea-output details").first
    shown.wait_for()
    assert not notebook.ask("cells[0].trusted")
    assert notebook.page.locator(".jp-OutputArea-output style").count() == 0
    text = shown.inner_text()
    for said in ("Chain ×12", "99,173,376", "SkipConnection", "head Dense(768 => 32768"):
        assert said in text
    assert notebook.page.locator(".jp-OutputArea-output .jp-OutputArea-error").count() == 0


def test_a_copy_as_github_shows_it_is_still_a_tree(browser):
    bare = re.sub(r"<style>.*?</style>| (style|class)=\"[^\"]*\"", "", view(GPT).html)
    bare = re.sub("</?(details|summary)[^>]*>", "", bare)
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_content(bare)
    lefts = page.evaluate(
        "['layer_1…12', 'mlp', 'layer', 'layer_2'].map(name => [...document.querySelectorAll('b')]"
        ".findLast(b => b.textContent === name).getBoundingClientRect().left)"
    )
    assert lefts == sorted(set(lefts))
    body = page.inner_text("body")
    assert "layer_2 Dense(3072 => 768) weight f32[3072,768] bias f32[768] 2,360,064" in body
    assert body.count("\n") >= 11
    page.close()


def test_reopened_it_is_the_same_bytes(opened):
    notebook = opened(SHOW)
    notebook.run_all()
    notebook.wait_until_run()
    (before,) = notebook.outputs(0)
    assert sorted(before["data"]) == ["text/html", "text/plain"]
    assert "".join(before["data"]["text/html"]) == view(GPT).html
    notebook.save()
    notebook.reload()
    tree(notebook).wait_for()
    assert "Error displaying widget" not in notebook.page.locator("body").inner_text()
    assert notebook.outputs(0) == [before]
