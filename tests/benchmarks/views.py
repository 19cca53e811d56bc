"""What the views of a model weigh and how long they take, beside what they are meant to.

    python tests/benchmarks/views.py

Times are medians in a quiet process, unless they are of the first time, which is that in a fresh
process after the imports. XLA's own count of operations is what it says before it compiles.
"""

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
from models import GPT2, MLP, RESNET18
from playwright.sync_api import sync_playwright

import luxnb as lx
from luxnb.core.view import view
from luxnb.display.cards import card
from luxnb.inspect.shapes import shapes
from luxnb.inspect.walk import walk

ROUNDS = 20
TOKENS = jax.ShapeDtypeStruct((1, 64), jnp.int32)
IMAGE = jax.ShapeDtypeStruct((1, 224, 224, 3), jnp.float32)
ROWS = jax.ShapeDtypeStruct((4, 784), jnp.float32)
FRESH = """
import sys, time
sys.path.insert(0, {folder!r})
from models import GPT2
import jax, jax.numpy as jnp, luxnb as lx
tokens = jax.ShapeDtypeStruct((1, 64), jnp.int32)
begin = time.perf_counter()
{what}
print(1e3 * (time.perf_counter() - begin))
"""


def report(what: str, figure: float, goal: float, unit: str = "") -> None:
    verdict = "" if figure <= goal else "   MISSED"
    print(f"{what:54}{figure:>12,.4g} {unit:4}  goal ≤ {goal:,g}{verdict}", flush=True)


def main():
    many = lx.Chain(*[lx.Dense(n, n + 1) for n in range(1, 1001)])
    report("HTML of GPT-2", weight(GPT2), 6, "kB")
    report("HTML of GPT-2 with outputs and operations", weight(lx.summary(GPT2, TOKENS)), 8, "kB")
    report("HTML of the MLP", weight(MLP), 4, "kB")
    report("HTML of ResNet-18", weight(RESNET18), 12, "kB")
    report("HTML of 1,000 different layers", weight(many), 200, "kB")
    report("DOM elements of GPT-2", elements(view(GPT2).html), 200)
    report("lines of text of GPT-2", len(view(GPT2).text.splitlines()), 17)
    tree = walk(GPT2)
    report("a view of GPT-2 from its tree", milliseconds(lambda: card(tree)), 2, "ms")
    report("the first view of GPT-2", in_a_fresh_process("lx.view(GPT2)"), 400, "ms")
    report("the next view of GPT-2", milliseconds(lambda: view(GPT2)), 5, "ms")
    first = in_a_fresh_process("lx.summary(GPT2, tokens)")
    report("the first summary of GPT-2", first, 700, "ms")
    report("the next summary of GPT-2", milliseconds(lambda: lx.summary(GPT2, TOKENS)), 5, "ms")
    for name, model, x in (
        ("MLP", MLP, ROWS),
        ("ResNet-18", RESNET18, IMAGE),
        ("GPT-2", GPT2, TOKENS),
    ):
        report(f"operations of {name} against XLA", difference(model, x), 1, "%")


def weight(value) -> float:
    return len(view(value).html.encode()) / 1000


def elements(html: str) -> int:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(html)
        number = page.evaluate("document.querySelectorAll('.lx, .lx *').length")
        browser.close()
        return number


def chromium() -> str | None:
    """The system's Chromium, or else the one that Playwright brings."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def milliseconds(function) -> float:
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        function()
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times)


def in_a_fresh_process(what: str) -> float:
    code = FRESH.format(folder=str(Path(__file__).parent), what=what)
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(3)]
    return statistics.median(float(run.stdout) for run in runs)


def difference(model, x) -> float:
    """By how many percent the operations of a forward pass differ from XLA's."""
    params, state = shapes(model)
    state = lx.testmode(state)
    theirs = jax.jit(model).lower(x, params, state).cost_analysis()["flops"]
    return 100 * abs(lx.summary(model, x, params, state).flops / theirs - 1)


if __name__ == "__main__":
    main()
