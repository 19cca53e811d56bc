"""The explorer's widget: messages in, answers out, on one thread of its own."""

import contextvars
import logging
import queue
import threading
import time
from typing import Any

import anywidget

from luxnb.notebook.explore.conversation import Conversation
from luxnb.notebook.explore.exploration import Exploration
from luxnb.notebook.explore.messages import checked
from luxnb.notebook.live import STATIC, listen_at_once

REFRESH_SECONDS = 0.5

log = logging.getLogger("luxnb")


class ExplorerWidget(anywidget.AnyWidget):
    """One explorer for any number of pages. It has no output of its own: the page mounts it where
    it finds the `marker`. Whoever shows it as a widget gets the same in the widget's place."""

    _esm = STATIC / "explore.js"
    _css = STATIC / "explore.css"

    def __init__(self, explorer: Exploration, marker: str = ""):
        super().__init__()
        self._explorer = explorer
        self._conversation = Conversation(explorer, marker)
        # Messages may arrive on any thread: they only go into this queue. None ends the thread.
        self._heard: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._complained = False
        self._forget = explorer.session.observe(self._edited)
        self.on_msg(self._receive)
        listen_at_once(self.comm)
        # The copied context sends what the thread prints to the cell that opened the explorer.
        work = contextvars.copy_context().run
        threading.Thread(
            target=work, args=(self._answer,), name="luxnb-explorer", daemon=True
        ).start()

    def __repr__(self):
        return "ExplorerWidget()"  # the inherited one would print every trait, with the script

    def close(self) -> None:
        """Leave the pages; they show the static tree again."""
        self._forget()
        self._heard.put(None)
        super().close()

    def _edited(self) -> None:
        self._heard.put({"type": "edited"})

    def _receive(self, _, content, buffers) -> None:
        message = checked(content)
        if message is not None:
            self._heard.put(message)
        elif not self._complained:
            self._complained = True
            log.warning("the explorer was sent %.80r, which it does not know: ignored", content)

    # -- the thread -------------------------------------------------------------------------------

    def _answer(self) -> None:
        """Hear all there is to hear, then tell what is new, until the widget is closed.

        If somebody speaks while the model is evaluated, what comes of it is not told: the latest
        edit wins. A running fit is looked at twice a second, at most.
        """
        talk, told, due = self._conversation, None, 0.0
        while self._listen():
            try:
                while talk.has_news and self._heard.empty():
                    self._tell(talk.news(is_late=lambda: not self._heard.empty()))
                progress = self._explorer.run and self._explorer.run.latest
                if talk.greeted and progress != told and time.monotonic() >= due:
                    self._tell(talk.live())
                    told, due = progress, time.monotonic() + REFRESH_SECONDS
            except Exception:  # a view that fails must not take the kernel's output with it
                log.exception("the explorer could not answer")
                talk.forget()

    def _listen(self) -> bool:
        """Wait for messages, but not when a run goes on; whether the widget is still open."""
        active = self._explorer.run is not None and self._explorer.run.latest.active
        try:
            message = self._heard.get(timeout=REFRESH_SECONDS if active else None)
            while message is not None:
                if message["type"] == "edited":
                    self._conversation.changed()
                else:
                    self._tell(self._conversation.hear(message))
                message = self._heard.get_nowait()
        except queue.Empty:
            return True
        return False

    def _tell(self, messages) -> None:
        for message in messages:
            self.send(message)
