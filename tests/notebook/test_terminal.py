"""Progress in a terminal and in a script: one line that is true, and never an exception."""

import io
import threading
import time

import pytest

from luxnb.notebook import terminal
from luxnb.notebook.terminal import TerminalPlace, duration, progress
from tests.notebook.fake_run import FakeRun, Records


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Broken(io.StringIO):
    def isatty(self):
        return True

    def write(self, text):
        raise OSError("no space left on device")


def running():
    run = FakeRun(("loss", "accuracy"), target=900, steps_per_epoch=90)
    run.add([[0.5, 0.25]] * 120)
    run.set(status="training", steps_per_second=60.0, seconds=2.0)
    return run


def test_the_line_says_how_the_run_stands():
    assert progress(running()) == (
        "training  step 120 of 900 · epoch 2 of 10 · loss 0.5 · accuracy 0.25 · 60 steps/s · "
        "13 s left"
    )


def test_the_line_of_a_run_that_ended_says_how_long_it_took_and_why():
    run = running()
    run.set(status="stopped", message="the loss became nan at step 121")
    assert progress(run).endswith("60 steps/s · in 2 s · the loss became nan at step 121")


def test_the_line_says_what_the_last_validation_was():
    run = running()
    run.validation_records = Records(("loss", "accuracy"))
    run.validation_records.append([[0.75, 0.125], [0.625, 0.5]])
    assert "accuracy 0.25 · validation at 2: loss 0.625, accuracy 0.5 · 60" in progress(run)


def test_a_run_that_has_done_nothing_yet():
    assert progress(FakeRun(target=5)) == "waiting   step 0 of 5"


@pytest.mark.parametrize(
    "seconds, words",
    [(0.2, "1 s"), (59.5, "1:00"), (754, "12:34"), (3723, "1:02:03"), (float("nan"), "?")],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_it_waits_in_the_foreground_and_shows_nothing_in_a_cell():
    assert TerminalPlace().background is False
    assert TerminalPlace().show(running()) is False


def test_a_terminal_sees_the_progress_and_the_end(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    run = running()
    with TerminalPlace().launched(run):
        time.sleep(0.3)
        run.set(status="done", step=900)
    assert "training" in screen.getvalue()
    assert "step 900 of 900" in screen.getvalue()
    assert run._callbacks == []


def test_without_a_terminal_there_is_a_plain_line_now_and_then(monkeypatch):
    monkeypatch.setattr(terminal, "PLAIN_SECONDS", 0.1)
    text = io.StringIO()
    monkeypatch.setattr("sys.stderr", text)
    run = running()
    with TerminalPlace().launched(run):
        time.sleep(0.35)
        run.set(status="done", step=900)
    lines = text.getvalue().splitlines()
    assert 3 <= len(lines) <= 5
    assert lines[0].startswith("training  step 120 of 900")
    assert lines[-1].startswith("done      step 900 of 900")
    assert "\x1b" not in text.getvalue()


@pytest.mark.parametrize("tty", [True, False])
def test_it_ends_by_itself_when_nobody_waits_any_more(tty, monkeypatch):
    """An interrupt may come between the start of the thread and the wait for it."""
    monkeypatch.setattr(terminal, "PLAIN_SECONDS", 0.05)
    monkeypatch.setattr(terminal, "DESERTED_SECONDS", 0.05)
    text = io.StringIO()
    text.isatty = lambda: tty
    monkeypatch.setattr("sys.stderr", text)
    run, news, over = running(), threading.Event(), threading.Event()
    thread = threading.Thread(target=terminal._watch, args=(run, news, over), daemon=True)
    thread.start()
    run.set(status="done", step=900)
    thread.join(10)
    assert not thread.is_alive() and not over.is_set()


def test_a_short_run_without_a_terminal_prints_nothing(monkeypatch):
    text = io.StringIO()
    monkeypatch.setattr("sys.stderr", text)
    with TerminalPlace().launched(running()):
        time.sleep(0.1)
    assert text.getvalue() == ""


@pytest.mark.parametrize("stream", [None, Broken(), io.TextIOWrapper(io.BytesIO())])
def test_a_stderr_that_fails_is_no_matter(monkeypatch, stream):
    if isinstance(stream, io.TextIOWrapper):
        stream.close()
    monkeypatch.setattr("sys.stderr", stream)
    with TerminalPlace().launched(running()):
        time.sleep(0.1)


def test_an_exception_of_the_training_passes_through(monkeypatch):
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with pytest.raises(KeyboardInterrupt), TerminalPlace().launched(running()):
        raise KeyboardInterrupt
