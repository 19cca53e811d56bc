"""How long a person waits in a fresh kernel for the first point of the digits curve.

    python tests/benchmarks/start.py

Each start is a new process that imports luxnb, loads the digits and calls `fit`, first with an
empty cache of compiled programs, then with that of the first.
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
from luxnb.train import place
place.finder = Place
lx.fit(model, data, loss=loss, optimizer=optimizer, batch_size=batch_size, steps=1).wait()
print(imported - begin, first[0] - begin)
"""


def start(cache: str) -> tuple[float, float]:
    """Seconds to the end of the imports, and to the first point."""
    environment = {
        **os.environ,
        "JAX_COMPILATION_CACHE_DIR": cache,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    code = CODE.format(folder=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    imports, first = map(float, done.stdout.split())
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


if __name__ == "__main__":
    main()
