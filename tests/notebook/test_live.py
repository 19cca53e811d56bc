"""The live view in the kernel: what it sends, and how it takes what a page says."""

import logging
import time

import comm
import comm.base_comm
import pytest

from luxnb.notebook.live import LiveView
from tests.notebook.fake_run import FakeRun
from tests.notebook.test_stream import noise

BUNDLE = {"text/plain": "the end"}


class FakeComm(comm.base_comm.BaseComm):
    """Keeps what is published; its own way of taking messages runs IPython's hooks."""

    hooks_ran = False

    def _reply_subshell_for(self, data, default):
        return "the thread that wrote last"

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        self.__dict__.setdefault("published", []).append((msg_type, data or {}, buffers or []))

    def handle_msg(self, msg):
        self.hooks_ran = True
        super().handle_msg(msg)


@pytest.fixture(autouse=True)
def fake_comm(monkeypatch):
    monkeypatch.setattr(comm, "create_comm", lambda **keys: FakeComm(**keys))


@pytest.fixture
def run():
    return FakeRun(("loss", "accuracy"), target=100_000)


@pytest.fixture
def view(run):
    view = LiveView(run, cell="cell-7", freeze=lambda: BUNDLE)
    view.start()
    yield view
    run.set(status="stopped")  # so that its thread ends
    if view.comm is not None:
        say(view, {"type": "frozen"})


def say(view, content):
    """What the page sends, as it comes in."""
    data = {"method": "custom", "content": content}
    view.comm.handle_msg({"content": {"data": data}, "buffers": []})


def sent(view, kind="frame"):
    """Headers (and buffers) of the messages that went to the page."""
    custom = [(d["content"], b) for t, d, b in view.comm.published if d.get("method") == "custom"]
    return [(content, buffers) for content, buffers in custom if content["type"] == kind]


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_nothing_is_sent_before_a_page_says_hello(view, run):
    run.add(noise(10))
    time.sleep(0.3)
    assert sent(view) == []


def test_hello_is_answered_with_a_snapshot_that_says_where_the_view_belongs(view, run):
    run.add(noise(10))
    say(view, {"type": "hello"})
    wait_for(lambda: sent(view))
    header, buffers = sent(view)[0]
    assert header["snapshot"] and header["names"] == ["loss", "accuracy"]
    assert (header["model"], header["cell"]) == (view.model_id, "cell-7")
    assert len(buffers[0]) == 2 * 3 * 10 * 4


def test_frames_are_numbered_and_at_most_ten_a_second(view, run):
    say(view, {"type": "hello"})
    start = time.monotonic()
    while time.monotonic() < start + 1.0:
        run.add(noise(3))
        time.sleep(0.005)
        if frames := sent(view):
            say(view, {"type": "ack", "seq": frames[-1][0]["seq"]})
    numbers = [header["seq"] for header, _ in sent(view)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert 3 <= len(numbers) <= 12


def test_a_page_that_does_not_acknowledge_gets_no_more_than_the_window(view, run, monkeypatch):
    monkeypatch.setattr("luxnb.notebook.live.FRAME_SECONDS", 0.001)
    say(view, {"type": "hello"})
    for _ in range(60):
        run.add(noise(3))
        time.sleep(0.01)
    assert len(sent(view)) == 20
    say(view, {"type": "ack", "seq": 20})
    wait_for(lambda: len(sent(view)) > 20)


def test_a_second_hello_gets_a_snapshot_of_everything(view, run):
    run.add(noise(50))
    say(view, {"type": "hello"})
    wait_for(lambda: sent(view))
    run.add(noise(50))
    wait_for(lambda: len(sent(view)) == 2)
    say(view, {"type": "hello"})
    wait_for(lambda: len(sent(view)) == 3)
    header, _ = sent(view)[-1]
    assert header["snapshot"] and header["first"] == 0 and header["rows"] == 100


@pytest.mark.parametrize("command", ["pause", "resume", "stop"])
def test_commands_reach_the_run_and_say_their_target(view, run, command):
    say(view, {"type": command})
    say(view, {"type": command})
    assert run.asked == [command, command]


@pytest.mark.parametrize(
    "content",
    [
        None, "stop", ["stop"], {}, {"type": None}, {"type": "Stop"}, {"type": "delete"},
        {"type": "observe"}, {"type": "__init__"}, {"type": ["stop"]}, {"type": {"stop": 1}},
        {"type": "ack"}, {"type": "ack", "seq": "1"}, {"type": "ack", "seq": True},
        {"type": "ack", "seq": -1}, {"type": "ack", "seq": 10**9}, {"type": "ack", "seq": 0.5},
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_changes_nothing(view, run, content, caplog):
    with caplog.at_level(logging.WARNING, logger="luxnb"):
        say(view, content)
        say(view, content)
    assert run.asked == [] and sent(view) == []
    assert [r.getMessage() for r in caplog.records] == [
        f"the live view was sent {content!r}, which is no command: ignored"
    ]


def test_a_huge_message_is_cut_in_the_log(view, caplog):
    with caplog.at_level(logging.WARNING, logger="luxnb"):
        say(view, "x" * 100_000)
    assert len(caplog.text) < 400


def test_messages_run_no_hooks_and_are_not_routed_to_the_thread_that_wrote_last(view, run):
    say(view, {"type": "pause"})
    assert run.asked == ["pause"]
    assert not view.comm.hooks_ran
    assert view.comm._reply_subshell_for is None


def test_at_the_end_the_page_gets_the_static_bundle_and_the_widget_closes(view, run):
    say(view, {"type": "hello"})
    run.add(noise(10))
    run.set(status="done")
    wait_for(lambda: sent(view, "final"))
    assert sent(view, "final")[0][0]["bundle"] == BUNDLE
    last, _ = sent(view)[-1]
    assert (last["status"], last["active"], last["rows"]) == ("done", False, 10)
    assert view.comm is not None
    say(view, {"type": "frozen"})
    wait_for(lambda: view.comm is None)
    assert run._callbacks == []


def test_without_a_page_the_widget_stays_and_the_next_page_is_told(run):
    frozen = []
    view = LiveView(run, freeze=lambda: frozen.append(1) or BUNDLE)
    view.start()
    run.add(noise(10))
    run.set(status="done")
    wait_for(lambda: frozen)  # for a page that knows no widgets, only displays
    time.sleep(0.2)
    assert sent(view) == [] and sent(view, "final") == [] and view.comm is not None
    say(view, {"type": "hello"})
    wait_for(lambda: sent(view, "final"))
    say(view, {"type": "hello"})  # another page, or this one again, before it could answer
    wait_for(lambda: len(sent(view, "final")) == 2)
    assert frozen == [1]
    say(view, {"type": "frozen"})
    wait_for(lambda: view.comm is None)


def test_a_freeze_that_fails_is_logged_and_leaves_the_view(run, caplog):
    def fail():
        raise RuntimeError("no picture today")

    view = LiveView(run, freeze=fail)
    view.start()
    say(view, {"type": "hello"})
    run.set(status="done")
    wait_for(lambda: "no picture today" in caplog.text)
    assert view.comm is not None


def test_the_repr_is_short_and_the_script_small(view):
    assert repr(view) == "LiveView()"
    assert len(view._esm.encode()) <= 12 * 1024
    assert "http" not in view._esm + view._css  # no request to anybody
