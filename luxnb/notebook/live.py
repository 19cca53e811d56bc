"""The live view of a run: a widget fed by one thread, that obeys a few words of the page."""

import contextvars
import logging
import pathlib
import threading
import time

import anywidget

from luxnb.notebook.stream import Gate, Stream

STATIC = pathlib.Path(__file__).parent / "static"
FRAME_SECONDS = 0.1
COMMANDS = ("pause", "resume", "stop", "hello", "ack", "frozen")
TEXT = "Training is under way; a cell with the run's name as its last line shows it live."
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

log = logging.getLogger("luxnb")


class LiveView(anywidget.AnyWidget):
    """Curves, progress and buttons of `run`, for any number of pages and views.

    Frames flow from `start()` on. When the run has ended, `freeze()` updates the displays and gives
    the mimebundle that takes the view's place. The page puts it where the update did not reach, as
    after a reload, and says "frozen"; then the widget closes. Without a page the widget stays, and
    the next page that says hello is told all this.
    """

    _esm = STATIC / "live.js"
    _css = STATIC / "live.css"

    def __init__(self, run, *, freeze, cell: str | None = None):
        super().__init__()
        self._run, self._cell, self._freeze = run, cell, freeze
        self._stream, self._gate = Stream(), Gate()
        # What the page said. Its messages may arrive on any thread: they only set these.
        self._hello = self._frozen = self._complained = False
        self._acknowledged = 0
        self._wake = threading.Event()
        self._forget = run.observe(self._wake.set)
        self.on_msg(self._receive)
        listen_at_once(self.comm)

    def __repr__(self):
        return "LiveView()"  # the inherited ones would print every trait, with all of the script

    def mimebundle(self) -> dict:
        """What shows the view; text alone where no widget can be."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {WIDGET_VIEW: view, "text/plain": TEXT}

    def start(self) -> None:
        """Begin to send frames, from a thread that belongs to the cell which is running."""
        context = contextvars.copy_context()
        threading.Thread(
            target=context.run, args=(self._flush,), name="luxnb-live-view", daemon=True
        ).start()

    # -- what the page says ---------------------------------------------------------------------

    def _receive(self, _, content, buffers) -> None:
        name = content.get("type") if isinstance(content, dict) else None
        if not isinstance(name, str) or name not in COMMANDS:
            self._refuse(content)
        elif name == "ack":
            seq = content.get("seq")
            if type(seq) is int and 0 <= seq <= self._stream.seq:
                self._acknowledged = seq
            else:
                self._refuse(content)
        elif name == "hello":
            self._hello = True
        elif name == "frozen":
            self._frozen = True
        else:
            getattr(self._run, name)()
        self._wake.set()

    def _refuse(self, content) -> None:
        if not self._complained:
            self._complained = True
            log.warning("the live view was sent %.80r, which is no command: ignored", content)

    # -- what the page is told ------------------------------------------------------------------

    def _flush(self) -> None:
        """Send what is new, at most ten times a second, until the run has ended and was frozen."""
        bundle, untold = None, True
        try:
            while not self._frozen:
                self._wake.wait()
                self._wake.clear()
                untold = self._send_frame() or untold
                if bundle is None and not self._run.latest.active:
                    bundle = self._freeze()
                if bundle is not None and untold and self._page_knows_all():
                    self.send({"type": "final", "bundle": bundle})
                    untold = False
                time.sleep(FRAME_SECONDS)
            self.layout.close()
            self.close()
        except Exception:  # a view that fails must never stop the run that it shows
            log.exception("the live view stopped")
        finally:
            self._forget()

    def _page_knows_all(self) -> bool:
        return self._stream.caught_up(self._run) and self._gate.is_open(time.monotonic())

    def _send_frame(self) -> bool:
        """Send one frame if there is news and a page that keeps up; whether it was a snapshot."""
        now = time.monotonic()
        greeted, self._hello = self._hello, False
        if greeted:
            self._gate.greet()
        self._gate.acknowledge(self._acknowledged)
        if not self._gate.is_open(now):
            return False
        if not greeted and self._stream.caught_up(self._run):
            return False
        header, buffers = self._stream.frame(self._run, snapshot=greeted)
        if header.get("snapshot"):
            header |= {"model": self.model_id, "cell": self._cell, "text": TEXT}
        self.send(header, buffers)
        self._gate.sent(header["seq"], now)
        if not self._stream.caught_up(self._run):
            self._wake.set()
        return greeted


def listen_at_once(comm) -> None:
    """Hear the page while a cell runs, and touch nothing that the cell is doing.

    ipykernel 7.4 sends an answer to the thread that last wrote to the comm, which may be busy for
    hours; without the route it goes where the page asked. And every comm message runs IPython's
    hooks before and after a cell, which close the pyplot figure that a cell is just drawing.
    """
    if comm is None:
        return
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = None
    if hasattr(comm, "handle_msg") and hasattr(comm, "_msg_callback"):
        comm.handle_msg = lambda message: comm._msg_callback and comm._msg_callback(message)
