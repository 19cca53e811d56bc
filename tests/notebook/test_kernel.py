"""Runs in a real kernel, to which this test is the page."""

import os
import pathlib
import time

import pytest
from jupyter_client.manager import KernelManager

from luxnb.notebook.live import WIDGET_VIEW

SETUP = """
import time
from fake_run import FakeRun
from luxnb.notebook.find import find
place = find()
run = None
def launch(target=100_000, rate=300.0):
    global run
    run = FakeRun(("loss",), target=target)
    with place.launched(run):
        run.start(rate)
    return place.show(run)
"""


class Page:
    """A kernel's client that plays JupyterLab: keeps the messages, says what a page says."""

    def __init__(self, client):
        self.client, self.messages = client, []

    def start(self, code, *, cell="cell-1", person=True):
        """Send a cell to be executed; the id of the request."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": person, "stop_on_error": True}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def finish(self, own):
        """Wait until a cell is done; the repr of its last line."""
        self.wait(
            lambda m: self._is(m, "status", own) and m["content"]["execution_state"] == "idle"
        )
        mine = [m for m in self.messages if m["parent_header"].get("msg_id") == own]
        errors = [m["content"] for m in mine if m["msg_type"] == "error"]
        assert not errors, "\n".join(errors[0]["traceback"])
        results = [m["content"]["data"] for m in mine if m["msg_type"] == "execute_result"]
        return results[-1]["text/plain"] if results else None

    def execute(self, code, **options):
        return self.finish(self.start(code, **options))

    def _is(self, message, kind, parent):
        return message["msg_type"] == kind and message["parent_header"].get("msg_id") == parent

    def wait(self, wanted, seconds=20.0):
        """The first message from now on for which `wanted(message)`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = self.client.get_iopub_msg(timeout=seconds)
            self.messages.append(message)
            if wanted(message):
                return message
        raise AssertionError("the message did not come")

    def say(self, model, *, subshell=None, **content):
        """A message of the view in the page; JupyterLab sends them to a subshell."""
        content = {"comm_id": model, "data": {"method": "custom", "content": content}}
        message = self.client.session.msg("comm_msg", content)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def features(self):
        return self.client.kernel_info(reply=True, timeout=20)["content"].get(
            "supported_features", []
        )

    def new_subshell(self):
        request = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(request)
        while True:
            reply = self.client.get_control_msg(timeout=10)
            if reply["parent_header"]["msg_id"] == request["header"]["msg_id"]:
                return reply["content"]["subshell_id"]

    def wait_frame(self, wanted=lambda header: True):
        def is_wanted(message):
            if message["msg_type"] != "comm_msg":
                return False
            content = message["content"]["data"].get("content", {})
            return content.get("type") == "frame" and wanted(content)

        return self.wait(is_wanted)["content"]["data"]["content"]

    def views(self):
        """The widget models that were displayed, with their display ids, newest last."""
        shown = [m["content"] for m in self.messages if m["msg_type"] == "display_data"]
        shown = [c for c in shown if WIDGET_VIEW in c["data"]]
        return [(c["data"][WIDGET_VIEW]["model_id"], c["transient"]["display_id"]) for c in shown]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    here = pathlib.Path(__file__).parent
    manager = KernelManager()
    scratch = tmp_path_factory.mktemp("ipython")
    manager.start_kernel(cwd=str(here), env={**os.environ, "IPYTHONDIR": str(scratch)})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    page = Page(client)
    page.execute(SETUP)
    yield page
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_the_place_of_a_kernel_is_found_and_a_person_can_watch(page):
    assert page.execute("type(place).__name__, place.background") == "('KernelPlace', True)"


def test_headless_execution_is_not_background_and_shows_no_widget(page):
    before = len(page.views())
    assert page.execute("place.background, launch(target=20)", person=False) == "(False, False)"
    assert len(page.views()) == before


def test_an_ended_run_is_not_shown_live(page):
    assert page.execute("place.show(FakeRun()) or FakeRun().set(status='done')") == "True"
    code = "ended = FakeRun(); ended.set(status='done'); place.show(ended)"
    assert page.execute(code) == "False"


def test_a_run_is_watched_steered_and_frozen(page):
    assert page.execute("launch()") == "True"
    model, display_id = page.views()[-1]
    page.say(model, type="hello")
    assert page.wait_frame()["snapshot"]
    page.wait_frame(lambda header: header["step"] > 10)
    page.say(model, type="pause")
    page.wait_frame(lambda header: header["status"] == "paused")
    page.say(model, type="resume")
    page.wait_frame(lambda header: header["status"] == "training")
    page.say(model, type="stop")
    page.wait_frame(lambda header: header["status"] == "stopped")
    update = page.wait(lambda m: m["msg_type"] == "update_display_data")["content"]
    assert update["transient"]["display_id"] == display_id
    assert WIDGET_VIEW not in update["data"] and "text/html" in update["data"]
    final = page.wait(lambda m: m["msg_type"] == "comm_msg")["content"]["data"]["content"]
    assert final == {"type": "final", "bundle": update["data"]}
    page.say(model, type="frozen")
    page.wait(lambda m: m["msg_type"] == "comm_close" and m["content"]["comm_id"] == model)


def test_the_same_run_shown_twice_is_one_model_and_both_displays_are_frozen(page):
    page.execute("launch(); place.show(run)")
    (one, first), (two, second) = page.views()[-2:]
    assert one == two and first != second
    page.say(one, type="hello")
    page.say(one, type="stop")
    is_update = lambda m: m["msg_type"] == "update_display_data"  # noqa: E731
    ids = {page.wait(is_update)["content"]["transient"]["display_id"] for _ in range(2)}
    assert ids == {first, second}
    page.say(one, type="frozen")
    page.wait(lambda m: m["msg_type"] == "comm_close" and m["content"]["comm_id"] == one)


def test_a_cell_that_runs_again_stops_the_run_it_had_started(page):
    page.execute("launch(); old = run", cell="cell-a")
    page.execute("launch(); other = run", cell="cell-b")
    page.execute("launch()", cell="cell-a")
    assert page.execute("old.asked, other.asked, run.asked") == "(['stop'], [], [])"
    page.execute("other.stop(); run.stop()")


def test_two_runs_of_one_execution_and_a_run_that_goes_on_are_left_alone(page):
    page.execute("launch(); one = run; launch(); two = run", cell="cell-c")
    assert page.execute("one.asked, two.asked") == "([], [])"
    page.execute("place.launched(two)", cell="cell-c")  # what two.fit(...) does
    assert page.execute("one.asked, two.asked") == "(['stop'], [])"
    page.execute("two.stop()")


BUSY = """
%matplotlib inline
import matplotlib.pyplot as plt
launch()
figure = plt.figure()
end = time.monotonic() + 15
while not run.asked and time.monotonic() < end:
    time.sleep(0.02)
plt.plot([1, 2], [3, 4])
run.asked, plt.gcf() is figure, len(figure.axes[0].lines)
"""


def test_a_click_is_heard_while_a_cell_is_busy_and_leaves_its_figure_alone(page):
    if "kernel subshells" not in page.features():
        pytest.skip("this ipykernel (before 7) does one thing at a time: it hears no click then")
    subshell = page.new_subshell()
    cell = page.start(BUSY)
    page.wait(lambda m: m["msg_type"] == "display_data" and WIDGET_VIEW in m["content"]["data"])
    model, _ = page.views()[-1]
    page.say(model, subshell=subshell, type="hello")
    page.wait_frame(lambda header: header["step"] > 5)
    page.say(model, subshell=subshell, type="ack", seq=1)
    page.say(model, subshell=subshell, type="pause")
    assert page.finish(cell) == "(['pause'], True, 1)"
    page.execute("run.stop()")
