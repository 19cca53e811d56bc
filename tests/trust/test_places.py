"""`fit` wherever Python runs: a script, a terminal, a thread, a notebook that nobody watches."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from tests.trust.subjects import train

ROOT = Path(__file__).parents[2]
TRAIN = "from tests.trust.subjects import train\n"


@pytest.fixture(scope="module")
def straight():
    return train("mlp", 23).fingerprint


def start(code: str, **options) -> subprocess.Popen:
    """A new Python that runs this code."""
    return subprocess.Popen([sys.executable, "-c", TRAIN + code], cwd=ROOT, text=True, **options)


def script(code: str) -> subprocess.CompletedProcess:
    process = start(code, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def test_a_script(straight):
    done = script("print(train('mlp', 23).fingerprint)")
    assert (done.returncode, done.stdout, done.stderr) == (0, straight + "\n", "")


def test_a_script_that_is_interrupted_goes_on_with_its_next_line():
    """And has all that was trained."""
    code = (
        "run = train('mlp', 1)\n"
        "print('ready', flush=True)\n"
        "run.fit(steps=10**9)\n"
        "print(run.step, run.fingerprint)\n"
    )
    process = start(code, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    steps, fingerprint = out.split()
    assert process.returncode == 0 and "luxnb: interrupted, <Run stopped at step" in err
    assert int(steps) > 1 and fingerprint == train("mlp", int(steps)).fingerprint


def test_a_script_that_ends_while_a_thread_trains():
    """No crash, no hang, no traceback."""
    done = script(
        "import threading, time\n"
        "threading.Thread(target=lambda: train('mlp', 10**9), daemon=True).start()\n"
        "time.sleep(3)\n"
    )
    assert done.returncode == 0 and "Error" not in done.stderr


def test_a_script_whose_training_fails_says_where_the_run_is():
    done = script(
        "def batches():\n"
        "    from tests.trust.subjects import SUBJECTS\n"
        "    import luxnb as lx\n"
        "    yield from lx.batches(SUBJECTS['mlp'][1], batch_size=8, epochs=1, seed=7)\n"
        "    raise OSError('the disk is gone')\n"
        "train('mlp', 9, data=batches(), batch_size=None)\n"
    )
    assert done.returncode == 1
    assert "OSError: the disk is gone" in done.stderr
    assert "all that was trained up to step 5 is kept" in done.stderr


def test_a_terminal(straight):
    """The progress is drawn, the result is right, and nothing is left half-drawn."""
    leader, follower = pty.openpty()
    code = "run = train('mlp', 23)\nprint('\\nfingerprint', run.fingerprint)"
    process = start(code, stdout=follower, stderr=follower, stdin=follower)
    os.close(follower)
    seen = read_all(leader)
    assert process.wait(60) == 0
    assert f"fingerprint {straight}" in seen
    assert "23 of 23" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)


def read_all(leader: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:  # the other end is closed
            part = b""
        if not part:
            return b"".join(parts).decode()
        parts.append(part)


def test_a_notebook_that_is_converted(tmp_path, straight):
    """nbconvert waits for the training, and the page has its picture and table."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{TRAIN}"),
            nbformat.v4.new_code_cell("run = train('mlp', 23)\nrun"),
            nbformat.v4.new_code_cell("print(run.fingerprint)"),
        ]
    )
    nbformat.write(notebook, tmp_path / "one.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "one.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=200)
    page = (tmp_path / "one.html").read_text()
    assert straight in page
    assert 'alt="curves over 23 steps' in page and "data:image/png;base64," in page
