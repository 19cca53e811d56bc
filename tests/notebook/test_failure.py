"""Errors of models in a kernel and in terminal IPython: the tree once, and a short traceback."""

import os
import re
import subprocess
import sys
import sysconfig

import nbformat
import pytest
from nbclient import NotebookClient

import luxnb
from luxnb.notebook.failure import HINT, is_users, present

MODEL = """
import asyncio, contextvars, contextlib, sys, threading
import jax, jax.numpy as jnp, optax, luxnb as lx
class Net(lx.Layer):
    inner: lx.Layer
    def forward(self, x, ps, st):
        x, st.inner = self.inner(x, ps.inner, st.inner)
        return x, st
model = lx.Chain(lx.Dense(4, 8), Net(lx.Dense(9, 1)))
ps, st = model.init(0)
x = jnp.ones((2, 4))
"""
FIT = "lx.fit(model, (x, x), loss=lx.losses.mse, optimizer=optax.sgd(1.0), steps=1, batch_size=2)"
CATCH = "try:\n    model(x, ps, st)\nexcept ValueError as error:\n    "
THREAD = """
from luxnb.train.running import place
def work():
    try:
        model(x, ps, st)
    except ValueError as error:
        place.announcer(error)
thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
thread.start()
thread.join()
"""
CELLS = {
    "model": MODEL,
    "eager": "def go():\n    return model(x, ps, st)\ngo()",
    "again": "%tb",
    "next": "float(model[:1](x, ps, st)[0].sum()) != 0",
    "jit": "jax.jit(lambda x: model(x, ps, st))(x)",
    "grad": "jax.grad(lambda ps: model(x, ps, st)[0].sum())(ps)",
    "fit": FIT,
    "await": "await asyncio.sleep(0)\nmodel(x, ps, st)",
    "exchanged": "model(x, st, ps)",
    "init": "class Unmade(lx.Layer):\n    def init_params(self, key):\n        return 1 / 0\n"
    "lx.Chain(Unmade()).init(0)",
    "caught": CATCH + "print(error)",
    "checked": "'✗' in str(lx.check(Net(lx.Dense(9, 1)), x))",
    "wrapped": CATCH + "raise RuntimeError('mine') from error",
    "group": CATCH + "raise ExceptionGroup('several', [error])",
    "kept": CATCH + "kept = error\nkept.args, kept.__traceback__ is not None, type(kept)",
    "reraised": "raise kept",
    "thread": THREAD,
    "plain": "%xmode Plain\nmodel(x, ps, st)",
    "minimal": "%xmode Minimal\nmodel(x, ps, st)",
    "verbose": "%xmode Verbose\nmodel(x, ps, st)",
    "other": "%xmode Context\n1 / 0",
}


def executed():
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, allow_errors=True, kernel_name="python3", timeout=120).execute()
    return {name: whole(cell.outputs) for name, cell in zip(CELLS, notebook.cells, strict=True)}


def whole(outputs) -> list:
    """Outputs with neighbouring parts of one stream joined; where it is cut is chance."""
    joined: list = []
    for output in outputs:
        before = joined[-1] if joined else {}
        if output["output_type"] == "stream" and before.get("name") == output["name"]:
            before["text"] += output["text"]
        else:
            joined.append(output)
    return joined


@pytest.fixture(scope="module")
def outputs():
    return executed()


def plain(lines) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


def printed(outputs) -> str:
    (error,) = [output for output in outputs if output.output_type == "error"]
    return plain(error.traceback)


MESSAGE = "ValueError: expected x of shape (…, 9), in_dims = 9; got f32[2,8]"
NOTE = "at layer_2.inner: Dense(9, 1) was given x: f32[2,8]"
SHOWN = ["eager", "jit", "grad", "fit", "await", "plain", "minimal", "verbose", "reraised"]


@pytest.mark.parametrize("name", SHOWN)
def test_the_tree_comes_once_and_before_the_traceback(outputs, name):
    tree, error = [o for o in outputs[name] if o.output_type != "stream"]
    assert tree.output_type == "display_data"
    assert sorted(tree.data) == ["text/html", "text/plain"]
    fault = "✗ expected x of shape (…, 9), in_dims = 9; got f32[2,8] (output of layer_1)"
    assert fault in " ".join(re.sub("[├│└]", " ", tree.data["text/plain"]).split())
    assert fault in tree.data["text/html"]
    assert (error.ename, f"ValueError: {error.evalue}") == ("ValueError", MESSAGE)
    assert plain(error.traceback).rstrip().endswith(f"{MESSAGE}\n{NOTE}\n{HINT}")


@pytest.mark.parametrize("name", ["eager", "jit", "grad", "fit", "await", "verbose"])
def test_the_traceback_ends_in_the_users_own_line_and_holds_no_other(outputs, name):
    frames = re.findall(r"^(Cell In\[\d+\]|File .*?), line (\d+)", printed(outputs[name]), re.M)
    assert frames[-1] == ("Cell In[1]", "6")
    assert all(place.startswith("Cell") for place, _ in frames)
    assert "--> 6" in printed(outputs[name])


def test_it_is_short(outputs):
    assert len(printed(outputs["eager"]).splitlines()) <= 20


def test_the_whole_traceback_is_one_word_away_and_shows_no_second_tree(outputs):
    (error,) = outputs["again"]
    text = plain(error.traceback)
    assert "in Dense.forward(self, x, ps, st)" in text
    assert "in last_axis(x, size, name)" in text
    assert text.rstrip().endswith(f"{MESSAGE}\n{NOTE}")


def test_the_next_cell_works(outputs):
    (result,) = outputs["next"]
    assert result.data["text/plain"] == "True"


def test_parameters_and_state_exchanged(outputs):
    tree, error = outputs["exchanged"]
    assert (
        "✗ parameters and state are exchanged: write y, st = model(x, ps, st)"
        in (tree.data["text/plain"])
    )
    assert error.evalue == (
        "at layer_1, Dense(4, 8): the parameters have no entry 'weight', but the state has: "
        "write y, st = model(x, ps, st)"
    )


def test_an_init_that_fails(outputs):
    tree, error = outputs["init"]
    assert "✗ ZeroDivisionError: division by zero" in tree.data["text/plain"]
    assert "return 1 / 0" in plain(error.traceback)
    assert "making.py" not in plain(error.traceback)


@pytest.mark.parametrize("name", ["caught", "checked", "kept", "model"])
def test_what_is_caught_is_not_shown(outputs, name):
    kinds = {output.output_type for output in outputs[name]}
    assert kinds <= {"stream", "execute_result"}
    assert name != "checked" or outputs[name][0].data["text/plain"] == "True"


def test_the_exception_stays_what_it_is(outputs):
    (result,) = outputs["kept"]
    args = MESSAGE.removeprefix("ValueError: ")
    assert result.data["text/plain"] == f"(('{args}',), True, ValueError)"


def test_an_error_raised_from_it_shows_both(outputs):
    text = printed(outputs["wrapped"])
    assert text.index(MESSAGE) < text.index(NOTE) < text.index("RuntimeError: mine")
    assert [o.output_type for o in outputs["wrapped"]] == ["error"]


def test_in_a_group_it_brings_its_tree_as_text(outputs):
    text = "".join(o.text for o in outputs["group"] if o.output_type == "stream")
    assert "ExceptionGroup: several (1 sub-exception)" in text
    assert re.search(r"└ inner +Dense\(9 => 1\)", text)


def test_an_error_of_a_thread_is_told_in_the_cell_that_started_it(outputs):
    tree, error = outputs["thread"]
    assert "✗ expected x" in tree.data["text/plain"]
    assert plain(error.traceback).rstrip().endswith(f"{MESSAGE}\n{NOTE}\n{HINT}")


def test_other_errors_are_left_to_ipython(outputs):
    assert printed(outputs["other"]).rstrip().endswith("ZeroDivisionError: division by zero")
    assert HINT not in printed(outputs["other"])


def test_the_same_bytes_on_every_run(outputs):
    names = [name for name in SHOWN if name != "verbose"]  # values and so addresses, if asked for
    again = executed()
    for name in [*names, "again", "exchanged"]:
        assert again[name] == outputs[name]
        assert not re.search(r"0x[0-9a-f]{6}|ipykernel_\d", str(again[name]))


# -- in a terminal --------------------------------------------------------------------------------

SESSION = """exec(compile(open("model.py").read(), "model.py", "exec"))
model(x, ps, st)
%tb
%debug
up
q
"still here"
"""


def test_terminal_ipython(tmp_path):
    (tmp_path / "model.py").write_text(MODEL)
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"],
        input=SESSION, capture_output=True, text=True, timeout=120, cwd=tmp_path,
        env=os.environ | {"IPYTHONDIR": str(tmp_path)},
    )  # fmt: skip
    first, whole, debugged = re.split(r"In \[[34]\]: ", done.stdout)[:3]
    assert "self.inner(x, ps.inner, st.inner)" in first
    assert "dense.py" not in first
    assert first.index(MESSAGE) < first.index(NOTE) < first.index("└ inner") < first.index(HINT)
    assert "dense.py" in whole
    assert "> " in debugged and "dense.py" in debugged
    assert "Out[5]: 'still here'" in done.stdout


def test_without_ipython_nothing_is_added(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    error = ValueError("no")
    present(error, None)
    assert vars(error) == {}


# -- whose code it is -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "users"),
    [
        ("/home/me/train.py", True),
        ("/tmp/ipykernel_123/456.py", True),
        ("<ipython-input-3-abc>", True),
        ("<stdin>", True),
        ("<string>", False),
        ("<frozen runpy>", False),
        (luxnb.__file__, False),
        (os.__file__, False),
        (pytest.__file__, False),
        (f"{sysconfig.get_path('purelib')}/jax/_src/api.py", False),
        ("/usr/lib/python3/dist-packages/numpy/core.py", False),
        (__file__, True),
    ],
)
def test_whose_code_a_file_is(file, users):
    assert is_users(file) is users
