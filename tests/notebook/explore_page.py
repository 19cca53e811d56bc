"""The explorer's script without Jupyter: a blank page, a pretended model, messages made by hand."""

from tests.notebook.blank_page import LIGHT, MODEL, STATIC

MARKER = "lx-explorer-1"
HOME = f"<div class='{MARKER}'><div class='lx'>the static tree</div></div>"
HOMES = f"<div class='jp-OutputArea'>{HOME}</div>"
FRAMES = "await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));"


class ExplorePage:
    """`load()` runs the script; `say(message)` is the kernel speaking, `sent()` what it heard."""

    def __init__(self, page):
        self.page, self.seq = page, 0

    def load(self, *, body=LIGHT, homes=HOMES, style=""):
        css = (STATIC / "explore.css").read_text()
        self.page.set_content(
            f"<body style='margin: 20px; {body}'><style>{style}{css}</style>{homes}</body>",
            wait_until="load",
        )
        self.page.evaluate(f"() => {{ {MODEL} }}")
        self.page.evaluate("model.on = (name, callback) => { heard[name] = callback; }")
        self.page.evaluate(
            """async (source) => {
                const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
                window.widget = (await import(url)).default();
                window.unmount = await widget.initialize({ model });
            }""",
            (STATIC / "explore.js").read_text(),
        )
        return self

    def say(self, *messages):
        """Messages of the kernel, one after the other, and then the page's next picture."""
        self.page.evaluate(
            f"async (all) => {{ for (const m of all) heard['msg:custom'](m, []); {FRAMES} }}",
            list(messages),
        )
        return self

    def tell(self, rows, chosen=None, **more):
        """A tree of these rows and, if given, the detail that comes with it."""
        self.seq += 1
        message = tree(rows, seq=self.seq, **more)
        return self.say(message, *([chosen] if chosen else []))

    def settle(self):
        """Wait until the page has drawn what it knows."""
        self.page.evaluate(f"async () => {{ {FRAMES} }}")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()

    def sent(self, name=None):
        messages = self.page.evaluate("sent")
        return [m for m in messages if name is None or m["type"] == name]

    def refuse(self, reason):
        """The kernel refuses the latest edit."""
        edit = self.sent("edit")[-1]
        where = {"path": edit["path"], "field": edit.get("field", "")}
        self.say({"type": "refused", "id": edit["id"], "reason": reason, **where})

    def edits(self):
        """Every edit that was asked for, without what only orders them."""
        return [
            {k: v for k, v in m.items() if k not in ("type", "id", "at")} for m in self.sent("edit")
        ]

    def errors(self):
        return self.page.evaluate("errors")

    def rows(self):
        """The names that are shown, from above."""
        return self.page.eval_on_selector_all(
            "[role=treeitem]", "all => all.map((row) => row.querySelector('b').textContent)"
        )

    def focused(self):
        """What has the focus: the name of a row, or the label of a control."""
        return self.page.evaluate(
            """() => {
                const at = document.activeElement;
                return at.role === "treeitem" ? at.querySelector("b").textContent
                    : at.ariaLabel ?? at.textContent;
            }"""
        )

    def row(self, path):
        return self.page.locator(f"[role=treeitem]:has(b[title='{path}'])")

    def field(self, name):
        return self.page.get_by_label(name, exact=True)

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)


def row(path, title, parameters=0, flops=None, output="", **more):
    """A row as the kernel sends it; `path` says its name and its level."""
    words = [["parameters", "weight f32[3,4]"]] if parameters and title != "Chain" else []
    return {
        "path": path,
        "name": path.rpartition(".")[2] or "model",
        "level": path.count(".") + 1 if path else 0,
        "title": title,
        "words": words,
        "parameters": parameters,
        "bytes": 4 * parameters,
        "share": "85 %" if parameters else "",
        "output": output,
        "flops": flops,
        "flopsText": f"{flops:,}" if flops else "",
        "parametersText": f"{parameters:,}" if parameters else "",
        "fault": "",
        "badges": [],
        "children": 0,
        "changed": False,
        **more,
    }


def tree(rows, **more):
    return {
        "type": "tree",
        "seq": 1,
        "marker": MARKER,
        "rows": rows,
        "total": "Total: 235,914 parameters (944 kB), plus 768 states (3 kB)",
        "code": "import luxnb as lx\n\nmodel = lx.Chain(lx.Dense(3, 4))\n",
        "undo": False,
        "redo": False,
        "changed": False,
        "input": "f32[4,784]",
        "note": "",
        "live": None,
        **more,
    }


def field(name, text, kind="int", choices=(), help="", default=None):
    return {
        "name": name,
        "text": text,
        "kind": kind,
        "choices": list(choices),
        "help": help,
        "default": default,
    }


CAN = dict.fromkeys(
    ["insert", "inside", "duplicate", "remove", "moveUp", "moveDown", "replace"], True
)


def detail(path, title, fields=(), arrays=(), **more):
    return {
        "type": "detail",
        "path": path,
        "title": title,
        "doc": "A fully connected layer: `activation(x @ weight + bias)`.",
        "code": title,
        "fields": list(fields),
        "arrays": list(arrays),
        "given": "f32[4,784]",
        "output": "f32[4,256]",
        "numbers": {"parameters": "200,960", "operations": "1.61 MFLOP"},
        "can": CAN,
        "fault": "",
        **more,
    }


def array(name, role="parameter", spec="f32[784,256]", **more):
    statistics = {
        "mean": "0.0001",
        "std": "0.0206",
        "min": "−0.0357",
        "max": "0.0357",
        "zeros": "0 %",
        "nonfinite": "",
        "sampled": True,
        "low": "−0.0357",
        "high": "0.0357",
        "counts": [1, 3, 7, 15, 26, 34, 39, 41, 40, 33, 27, 14, 8, 2],
    }
    return {
        "name": name,
        "role": role,
        "spec": spec,
        "count": 200_704,
        "statistics": statistics,
    } | more


# A small model, as the explorer first shows it.
MLP = [
    row("", "Chain", 235_914, 1_887_000, "f32[4,10]"),
    row("layer_1", "Dense(784 => 256, relu)", 200_960, 1_610_000, "f32[4,256]"),
    row("layer_2", "BatchNorm(256)", 512, 8_200, "f32[4,256]"),
    row("head", "Chain", 34_442, 268_000, "f32[4,10]"),
    row("head.layer_1", "Dense(256 => 128, relu)", 32_896, 263_000, "f32[4,128]"),
    row("head.layer_2", "Dropout(0.2)", 0, 2_048, "f32[4,128]"),
    row("head.layer_3", "Dense(128 => 10)", 1_290, 10_000, "f32[4,10]"),
]
ACTIVATIONS = ["None", "jax.nn.relu", "jax.nn.gelu", "jax.nn.silu", "jnp.tanh"]
DENSE = detail(
    "layer_1",
    "Dense(784 => 256, relu)",
    [
        field("in_dims", "784"),
        field("out_dims", "256"),
        field("activation", "jax.nn.relu", "function", ACTIVATIONS),
        field("use_bias", "True", "bool", default="True"),
    ],
    [array("weight"), array("bias", spec="f32[256]", count=256)],
)
CHOICES = {
    "layers": [
        {"name": "Dense", "text": "Dense(256, 256)", "doc": "A fully connected layer."},
        {"name": "Dropout", "text": "Dropout(0.1)", "doc": "Zero elements at random."},
        {"name": "LayerNorm", "text": "LayerNorm(256)", "doc": "Normalise each example."},
    ]
}
