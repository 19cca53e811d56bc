"""A real JupyterLab in a headless browser: start it, open a notebook, run it, look at the page."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

START_SECONDS = 90
DIRECTORIES = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "IPYTHONDIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
)
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}


@contextlib.contextmanager
def lab_server(root: pathlib.Path, scratch: pathlib.Path, **environment: str):
    """A JupyterLab server on `root` that knows nothing of the user's own; yields its address."""
    environ = {**os.environ, **environment}
    for name in DIRECTORIES:
        environ[name] = str(scratch / name.lower())
        pathlib.Path(environ[name]).mkdir(parents=True, exist_ok=True)
    news = scratch / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True, exist_ok=True)
    (news / "notification.jupyterlab-settings").write_text(json.dumps(NO_NEWS))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.root_dir={root}", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token="]
    command += ["--LabApp.expose_app_in_browser=True"]
    with open(scratch / "server.log", "wb") as log:
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=subprocess.STDOUT)
    try:
        _until_it_answers(address, server, scratch / "server.log")
        yield address
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()


def _until_it_answers(address, server, log):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"{address}/api/status", timeout=2).read()
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


# What the page is asked. `panel` is the notebook that is open, `cells` its code cells.
_PANEL = """
const app = window.jupyterapp;
const panel = [...app.shell.widgets("main")].find((w) => w.context?.model?.cells);
const cells = [...(panel?.context.model.cells ?? [])].filter((c) => c.type === "code");
"""


class Notebook:
    """One notebook in one JupyterLab page."""

    def __init__(self, page, address: str, path: str):
        self.page, self._url = page, f"{address}/lab/tree/{path}?reset"
        self.errors: list[str] = []
        self.strangers: list[str] = []  # requests to anybody but the server
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(
                    (address, address.replace("http", "ws"), "blob:", "data:")
                )
                else self.strangers.append(request.url)
            ),
        )

    def open(self):
        """Load the page (again) and wait until the kernel can be asked."""
        self.page.goto(self._url, wait_until="domcontentloaded", timeout=60_000)
        self.page.wait_for_function(
            f"() => {{ if (!window.jupyterapp) return false; {_PANEL} "
            "return panel?.context.isReady && panel.sessionContext.isReady "
            "&& !!panel.sessionContext.session?.kernel; }",
            timeout=90_000,
        )
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)
        return self

    def ask(self, expression: str):
        """The value of a JavaScript expression; it may use `app`, `panel` and `cells`."""
        return self.page.evaluate(f"async () => {{ {_PANEL} return {expression}; }}")

    def run_all(self):
        """Start all cells; returns at once."""
        self.ask("void app.commands.execute('notebook:run-all-cells')")

    def run(self, cell: int):
        """Start the code cell with this number; returns at once."""
        self.ask(
            "(panel.content.activeCellIndex = [...panel.context.model.cells].indexOf("
            f"cells[{cell}]), void app.commands.execute('notebook:run-cell'))"
        )

    def run_code(self, code: str):
        """Execute code in the kernel, silently, and wait for it."""
        self.ask(
            "await panel.sessionContext.session.kernel.requestExecute("
            f"{{ code: {json.dumps(code)}, silent: true }}).done"
        )

    def shut_down(self):
        """End the kernel; its notebook stays open."""
        self.ask("await panel.sessionContext.shutdown()")

    def wait(self, condition: str, seconds: float = 60):
        """Wait until a JavaScript expression is true."""
        self.page.wait_for_function(
            f"() => {{ {_PANEL} return {condition}; }}", timeout=1000 * seconds, polling=50
        )

    def wait_until_run(self, seconds: float = 120):
        """Wait until every code cell has been executed and the kernel is idle."""
        self.wait(
            "cells.every((c) => c.executionCount !== null) "
            "&& panel.sessionContext.session.kernel.status === 'idle'",
            seconds,
        )

    def outputs(self, cell: int) -> list[dict]:
        """The outputs of a code cell, as in a saved notebook."""
        return self.ask(f"cells[{cell}].outputs.toJSON()")

    def save(self):
        self.ask("await panel.context.save()")

    def reload(self):
        """Load the page again, whatever is unsaved."""
        self.page.on("dialog", lambda dialog: dialog.accept())
        return self.open()

    def theme(self, name: str):
        """`light` or `dark`; waits until the page has changed."""
        self.ask(
            f"await app.commands.execute('apputils:change-theme', "
            f"{{ theme: 'JupyterLab {name.title()}' }})"
        )
        self.page.wait_for_function(
            f"() => document.body.dataset.jpThemeLight === '{str(name == 'light').lower()}'"
        )
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)

    # -- the live view ---------------------------------------------------------------------------

    @property
    def live(self):
        """The live views that are on the page."""
        return self.page.locator(".luxnb-live")

    def status(self) -> str:
        """The first live view's status: training, paused, done …"""
        return self.live.first.get_attribute("data-status")

    def step(self) -> int:
        """The step that the first live view shows."""
        words = self.live.first.locator("header span").inner_text()
        return int(words.split("step ")[1].split(" of")[0].replace(",", ""))

    def press(self, button: str):
        self.live.first.get_by_role("button", name=f"{button} training").click()

    def wait_status(self, status: str, seconds: float = 30):
        self.page.locator(f".luxnb-live[data-status={status}]").first.wait_for(
            timeout=1000 * seconds
        )


def write_notebook(path: pathlib.Path, *sources: str, output: dict | None = None):
    """A notebook of code cells; the last may have an output that was not made here."""
    import nbformat

    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    if output is not None:
        cells[-1].outputs = [nbformat.v4.new_output("display_data", data=output)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(notebook, path)
