"""Steps per second by where the data are: on the device, on the host, in a stream.

    python tests/benchmarks/feeds.py

The same training in turns; prints the median over rounds of the rate on the device divided by the
other's: ×1.1 takes a tenth longer. The first step is that of a `fit` whose program is compiled.
"""

import statistics
import time

import models
import numpy as np

import luxnb as lx

ROUNDS, SECONDS = 9, 1.0


def feeds(data, batch_size):
    """name -> (data, batch size): a list holds the batches of up to 64 epochs."""
    data = tuple(np.asarray(array) for array in data)
    epochs = max(1, min(64, 4096 // (len(data[0]) // batch_size)))
    batches = [
        tuple(np.asarray(array) for array in batch)
        for batch in lx.batches(data, batch_size=batch_size, epochs=epochs)
    ]
    return {
        "device": (data, batch_size),
        "host": (lx.on_host(data), batch_size),
        "list": (batches, None),
        "generator": (lambda: iter(batches), None),
    }


def start(model, loss, optimizer, data, batch_size) -> tuple[lx.Run, float]:
    begin = time.perf_counter()
    run = lx.fit(
        model, data, loss=loss, optimizer=optimizer, batch_size=batch_size, seed=0, steps=1
    )
    return run, time.perf_counter() - begin


def main():
    for make in (models.tiny, models.digits, models.lenet):
        model, data, loss, optimizer, batch_size = make()
        given = feeds(data, batch_size)
        runs = {n: start(model, loss, optimizer, *feed)[0] for n, feed in given.items()}
        first = {n: start(model, loss, optimizer, *feed)[1] for n, feed in given.items()}
        steps = 200
        while (took := seconds(runs["device"], steps)) < SECONDS:
            steps = int(steps * min(10, 1.2 * SECONDS / took))
        times = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, run in runs.items():
                times[name].append(seconds(run, steps))
        for name in runs:
            ratio = statistics.median(
                a / b for a, b in zip(times[name], times["device"], strict=True)
            )
            rate = steps / statistics.median(times[name])
            words = f"{make.__name__:8}{name:10}{rate:>10,.0f} steps/s  ×{ratio:.2f}"
            print(f"{words}  first step {1e3 * first[name]:6.1f} ms", flush=True)


def seconds(run: lx.Run, steps: int) -> float:
    begin = time.perf_counter()
    run.fit(steps=steps)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
