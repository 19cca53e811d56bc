"""The live view's script without Jupyter: a blank page, a pretended model, real frames."""

import base64
import json
import pathlib

from luxnb.notebook.stream import Stream

STATIC = pathlib.Path(__file__).parents[2] / "luxnb" / "notebook" / "static"

MODEL = """
window.sent = [];
window.heard = {};
window.model = {
  on(name, callback) { heard[name] = callback; },
  off() {},
  send(content) { sent.push({ ...content, at: Date.now() }); },
  get() {},
  widget_manager: window.manager,
};
window.bytes = (text) => {
  const raw = atob(text), shifted = new Uint8Array(raw.length + 1);
  for (let i = 0; i < raw.length; i++) shifted[i + 1] = raw.charCodeAt(i);
  return new DataView(shifted.buffer, 1); // not aligned, as in Jupyter
};
window.say = (message, buffers) => heard["msg:custom"](message, buffers.map(bytes));
window.errors = [];
addEventListener("error", (event) => errors.push(String(event.message)));
addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
"""

LIGHT = "background: #ffffff; color: #212121"
DARK = "background: #111111; color: #e0e0e0"


class BlankPage:
    """`load()` runs the script; `tell(run)` sends it a frame of a run, `sent()` what it said."""

    def __init__(self, page):
        self.page, self.stream = page, Stream()

    def load(self, *, views=1, body=LIGHT, manager="undefined"):
        css = (STATIC / "live.css").read_text()
        self.page.set_content(
            f"<body style='margin: 20px; {body}'><style>{css}</style></body>", wait_until="load"
        )
        self.page.evaluate(f"window.manager = {manager}")
        self.page.evaluate(f"() => {{ {MODEL} }}")
        self.page.evaluate(
            """async (source) => {
                const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
                window.widget = (await import(url)).default();
                await widget.initialize({ model });
            }""",
            (STATIC / "live.js").read_text(),
        )
        for _ in range(views):
            self.view()
        return self

    def view(self):
        """One more view of the same model; `removers` take them away again."""
        self.page.evaluate(
            """async () => {
                const el = document.body.appendChild(document.createElement("div"));
                (window.removers ||= []).push(widget.render({ model, el }));
                await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
            }"""
        )

    def tell(self, run, *, snapshot=False, lose=False):
        """Send the next frame about `run`; a lost one is made and never arrives."""
        header, buffers = self.stream.frame(run, snapshot=snapshot)
        if snapshot:
            header |= {"model": "the-model", "cell": "the-cell"}
        if not lose:
            self.say(header, buffers)
        return header

    def say(self, message, buffers=()):
        encoded = [base64.b64encode(buffer).decode() for buffer in buffers]
        self.page.evaluate(
            "async ([message, buffers]) => { say(message, buffers); "
            "await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))); }",
            [json.loads(json.dumps(message, allow_nan=False)), encoded],
        )

    def sent(self, name=None):
        messages = self.page.evaluate("sent")
        return [m for m in messages if name is None or m["type"] == name]

    def errors(self):
        return self.page.evaluate("errors")

    def ink(self, metric=0):
        """Where the curve is: for each canvas column, the rows of strongly coloured pixels."""
        return self.page.evaluate(
            """(metric) => {
                const canvas = document.querySelectorAll("canvas")[metric];
                const { width, height } = canvas;
                const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
                const color = getComputedStyle(canvas).color.match(/[\\d.]+/g).map(Number);
                const columns = Array.from({ length: width }, () => []);
                for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
                    const at = 4 * (y * width + x);
                    if (data[at + 3] < 200) continue;
                    const far = [0, 1, 2].some((k) => Math.abs(data[at + k] - color[k]) > 24);
                    if (!far) columns[x].push(y);
                }
                return { width, height, columns };
            }""",
            metric,
        )
