"""How long a person waits in a fresh kernel for the first point of the digits curve.

    python tests/benchmarks/start.py

Each start is a new process that imports luxnb, loads the digits and calls `fit`, first with an
empty cache of compiled programs, then with that of the first. After that the same for the MLP of
`workloads.py`, from the call to the first loss, by `fit` and by a jitted step by hand, which both
draw the same parameters.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

STARTS = 3
CODE = """
import sys, time
begin = time.perf_counter()
sys.path.insert(0, {folder!r})
import models
import luxnb as lx
imported = time.perf_counter()
model, data, loss, optimizer, batch_size = models.digits()
first = []
class Place:
    background = True
    def launched(self, run):
        import contextlib
        run.observe(lambda: len(run.records) and first.append(time.perf_counter()))
        return contextlib.nullcontext()
from luxnb.train.running import place
place.finder = Place
lx.fit(model, data, loss=loss, optimizer=optimizer, batch_size=batch_size, steps=1).wait()
print(imported - begin, first[0] - begin)
"""
FIRST_STEP = """
import sys, time
sys.path.insert(0, {folder!r})
import training
from trainers import by_hand
from workloads import WORKLOADS
mlp = WORKLOADS[1]
begin = time.perf_counter()
{what}
print(0, time.perf_counter() - begin)
"""
WAYS = {
    "fit": "training.fit(mlp, (mlp.x, mlp.y), steps=1).wait()",
    "by hand": "by_hand.trainers(mlp)['step by hand'](1)",
}


def start(cache: str, code: str = CODE, **filled) -> tuple[float, float]:
    """Seconds to the end of the imports, and to the first point."""
    environment = {
        **os.environ,
        "JAX_COMPILATION_CACHE_DIR": cache,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    code = code.format(folder=str(Path(__file__).parent), **filled)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    imports, first = map(float, done.stdout.split()[-2:])
    return imports, first


def main():
    cold, warm = [], []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(start(cache))
            warm.append(start(cache))
    for name, times in (("empty", cold), ("warm", warm)):
        imports, first = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{name} cache: first point after {first:.1f} s, of which imports {imports:.1f} s")
    first_steps()


def first_steps():
    times = {(way, kind): [] for way in WAYS for kind in ("empty", "warm")}
    for _ in range(STARTS):
        for way, what in WAYS.items():
            with tempfile.TemporaryDirectory() as cache:
                for kind in ("empty", "warm"):
                    times[way, kind].append(start(cache, FIRST_STEP, what=what)[1])
    for (way, kind), seconds in times.items():
        print(f"{kind} cache: first step {way} after {statistics.median(seconds):.2f} s")


if __name__ == "__main__":
    main()
