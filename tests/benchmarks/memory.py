"""What a run holds on to while it trains: nothing but its history may grow.

    python tests/benchmarks/memory.py [steps]

Prints, every tenth of so many steps of the smallest workload, the bytes of all arrays on the device
and the memory of the process, each after the history is taken off: 4 bytes for a step's number of
each metric, in a buffer that doubles when it is full.
"""

import gc
import os
import sys

import jax
import optax
from workloads import LEARNING_RATE, WORKLOADS

import luxnb as lx


def main():
    steps = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    tiny = WORKLOADS[0]
    adam = optax.adam(LEARNING_RATE)
    given = {"loss": tiny.loss, "optimizer": adam, "batch_size": tiny.batch_size}
    run = lx.fit(tiny.model, (tiny.x, tiny.y), steps=steps // 10, **given)
    model = sum(leaf.nbytes for leaf in jax.tree.leaves((run.params, run.state)))
    print(f"parameters {model:,} bytes, data {tiny.x.nbytes + tiny.y.nbytes:,} bytes")
    seen = []
    for _ in range(10):
        gc.collect()
        history = 4 * run.step * len(run.history.names)
        seen.append((live(), resident() - history))
        print(
            f"{run.step:>10,} steps: on the device {seen[-1][0]:>12,} bytes, "
            f"process without history {seen[-1][1] / 1e6:,.1f} MB, history {history / 1e6:,.1f} MB",
            flush=True,
        )
        if run.step < steps:
            run.fit(steps=steps // 10).wait()
    (device, process), (device_end, process_end) = seen[1], seen[-1]
    print(
        f"from the second tenth to the last: device {device_end - device:+,} bytes, "
        f"process {(process_end - process) / 1e6:+,.1f} MB"
    )


def live() -> int:
    """Bytes of all arrays on the device."""
    return sum(array.nbytes for array in jax.live_arrays())


def resident() -> int:
    """Bytes of the process that lie in memory, as Linux tells them."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
