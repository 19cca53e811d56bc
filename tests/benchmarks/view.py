"""What the live view costs: a real kernel, its real messages, and a page that acknowledges them.

    python tests/benchmarks/view.py

Trains the same model in turns with and without a live view, and prints the ratio of their steps
per second (1 is free) and the kernel's CPU time for a frame. The page is played by a client of the
kernel, so that no browser takes a share of the processor; it greets and acknowledges as ours does.
"""

import ast
import json
import queue
import statistics
import threading
import time
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

ROUNDS, SECONDS = 40, 1.0
SETUP = """
import sys, time
sys.path.insert(0, {folder!r})
import models
import luxnb as lx
from luxnb.notebook.live import LiveView

frames, send_frame = [], LiveView._send_frame

def timed(self):
    begin, seq = time.thread_time(), self._stream.seq
    result = send_frame(self)
    if self._stream.seq > seq:
        frames.append(time.thread_time() - begin)
    return result

LiveView._send_frame = timed
model, data, loss, optimizer, batch_size = models.{name}()

def go(steps):
    return lx.fit(model, data, loss=loss, optimizer=optimizer, batch_size=batch_size, steps=steps)

run = go(2000)
"""


class Page:
    """A client that answers the live view as the script in the browser does."""

    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")
        # Another client with sockets of its own, which only the thread that listens may touch.
        self._page = BlockingKernelClient()
        self._page.load_connection_info(self.manager.get_connection_info())
        self._page.start_channels()
        self._comm = None
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        acknowledged = 0.0
        while self.manager.has_kernel:
            try:
                message = self._page.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "comm_open" and "_esm" in str(content.get("data", {}).get("state", {})):
                self._comm = content["comm_id"]
                self._send({"type": "hello"})
            elif kind == "comm_msg" and content["comm_id"] == self._comm:
                data = content["data"].get("content", {})
                if data.get("type") == "frame" and time.monotonic() - acknowledged > 1:
                    acknowledged = time.monotonic()
                    self._send({"type": "ack", "seq": data["seq"]})

    def _send(self, content):
        data = {"comm_id": self._comm, "data": {"method": "custom", "content": content}}
        self._page.shell_channel.send(self._page.session.msg("comm_msg", data))

    def execute(self, code: str, value: str = "None"):
        """Execute code in the kernel as a page would; the value of an expression after it."""
        value = f"__import__('json').dumps({value})"
        identity = self.client.execute(code, user_expressions={"value": value})
        while True:
            answer = self.client.get_shell_msg(timeout=120)
            if answer["parent_header"].get("msg_id") == identity:
                break
        if answer["content"]["status"] != "ok":
            raise RuntimeError("\n".join(answer["content"]["traceback"]))
        found = answer["content"]["user_expressions"]["value"]["data"]["text/plain"]
        return json.loads(ast.literal_eval(found))

    def train(self, steps: int, show: bool) -> float:
        """Steps per second of one training."""
        self.execute(f"run = go({steps})" + "\nrun" * show)
        while self.execute("", "run.latest.active"):
            time.sleep(0.25)
        return self.execute("", "run.latest.step / run.latest.seconds")


def main():
    for name in ("tiny", "digits"):
        page = Page()
        page.execute(SETUP.format(folder=str(Path(__file__).parent), name=name))
        while page.execute("", "run.latest.active"):
            time.sleep(0.1)
        steps = int(SECONDS * page.train(20_000, show=True))
        ratios = []
        for number in range(ROUNDS):
            order = (True, False) if number % 2 else (False, True)
            rate = {show: page.train(steps, show) for show in order}
            ratios.append(rate[True] / rate[False])
            time.sleep(1)
        frames = page.execute("", "frames")
        page.client.stop_channels()
        page.manager.shutdown_kernel(now=True)
        print(f"{name}: {ROUNDS} pairs of {steps:,} steps")
        print(
            f"  with the live view against without: median {statistics.median(ratios):.3f}, "
            f"from {min(ratios):.3f} to {max(ratios):.3f}"
        )
        print(
            f"  {len(frames)} frames, CPU of one: median {1e3 * statistics.median(frames):.2f} ms, "
            f"largest {1e3 * max(frames):.2f} ms"
        )


if __name__ == "__main__":
    main()
