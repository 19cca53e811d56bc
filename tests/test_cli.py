"""The command line: honest exit codes, and messages that say what to do."""

import os
import subprocess
import sys

import nbformat
import pytest

from luxnb import cli


def notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_run_executes_every_cell_and_says_so(tmp_path, capsys):
    path = notebook(tmp_path / "good.ipynb", "a = 6", "print(a * 7)")
    assert cli.main(["run", str(path)]) == 0
    out = capsys.readouterr().out
    assert "2 code cells" in out and "[2/2] print(a * 7)" in out and "done in" in out
    assert not nbformat.read(path, 4).cells[1].outputs, "without --save the file stays as it is"


def test_run_save_writes_the_outputs_and_nothing_that_changes(tmp_path):
    path = notebook(tmp_path / "good.ipynb", "print(42)")
    assert cli.main(["run", "--save", str(path)]) == 0
    first = path.read_bytes()
    assert nbformat.read(path, 4).cells[0].outputs[0].text == "42\n"
    assert cli.main(["run", "--save", str(path)]) == 0
    assert path.read_bytes() == first


def test_a_failing_cell_is_an_exit_status(tmp_path, capsys):
    path = notebook(tmp_path / "bad.ipynb", "1 / 0", "print('never')")
    before = path.read_bytes()
    assert cli.main(["run", "--save", str(path)]) == 1
    captured = capsys.readouterr()
    assert "ZeroDivisionError" in captured.err and "bad.ipynb: failed" in captured.err
    assert "\x1b[" not in captured.err and "never" not in captured.out
    assert path.read_bytes() == before, "a failed run loses no outputs"


def test_a_kernel_that_dies_is_an_exit_status(tmp_path, capsys):
    path = notebook(tmp_path / "dead.ipynb", "import os; os._exit(1)")
    assert cli.main(["run", str(path)]) == 1
    assert "the kernel died" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["run", "lab"])
def test_a_notebook_that_is_not_there(verb):
    with pytest.raises(SystemExit, match=r"there is no nowhere\.ipynb"):
        cli.main([verb, "nowhere.ipynb"])


def test_arguments_nobody_knows(capsys):
    with pytest.raises(SystemExit):
        cli.main(["run", "x.ipynb", "--no-browser"])
    assert "unrecognized arguments: --no-browser" in capsys.readouterr().err


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"jupyterlab and nbclient is missing; pip install 'lux"):
        cli.main(["lab"])


def test_lab_opens_the_first_tutorial_and_passes_options_on(monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command: called.append(command) or 0)
    options = ["--no-browser", "--port", "9999"]
    assert cli.main(["lab", *options]) == 0
    assert called[0][0] == sys.executable
    assert called[0][-4].endswith("notebooks/01_a_first_model.ipynb")
    assert called[0][-3:] == options
    own = notebook(tmp_path / "own.ipynb", "1")
    assert cli.main(["lab", str(own), *options]) == 0
    assert called[1][-4:] == [str(own), *options]


def test_kernels_keep_what_they_compile(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("JAX_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cli.subprocess, "call", lambda command: 0)
    cli.main(["lab"])
    assert os.environ["JAX_COMPILATION_CACHE_DIR"] == str(tmp_path / "luxnb" / "jax")
    assert os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] == "0"


def test_it_is_a_program():
    done = subprocess.run([sys.executable, "-m", "luxnb.cli", "--help"], capture_output=True)
    assert done.returncode == 0 and b"lab" in done.stdout
