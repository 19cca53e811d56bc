"""One step of training: luxnb's `fit` and every peer, in turns, on the same model and data.

    pip install -e ".[bench]"
    python tests/benchmarks/training.py [--only tiny,lenet] [--peers hand,flax] [--rounds 7]

Prints, for each workload, the median time of a step, and the median over rounds of that time
divided by the step's by hand in the same round: less than 1 is faster than by hand. Where nothing
is drawn at random, the first losses of luxnb and of the loop by hand, which begin with the same
parameters and see the batches in the same order, are compared too.
"""

import argparse
import importlib
import os
import statistics
import time

os.environ["KERAS_BACKEND"] = "jax"  # before Keras is imported

import jax
import numpy as np
import optax
from workloads import LEARNING_RATE, WORKLOADS, Workload

import luxnb as lx

PEERS = ("by_hand", "with_equinox", "with_nnx", "with_linen", "with_haiku", "with_keras")
PEERS += ("with_torch",)
BASE = "step by hand"
FIRST = 5  # losses that are compared
SECONDS = 0.5  # of a repeat, at most


def main():
    options = _options()
    only = options.only.split(",") if options.only else [w.name for w in WORKLOADS]
    peers = [p for p in PEERS if any(word in p for word in options.peers.split(","))]
    found = {name: module for name in peers if (module := _found(name))}
    print(f"{jax.devices()[0].device_kind}, {os.cpu_count()} cores, JAX {jax.__version__}")
    for workload in WORKLOADS:
        if workload.name in only:
            report(workload, found, options.rounds)


def report(workload: Workload, peers, rounds: int) -> None:
    contenders = {"luxnb fit": ours(workload)}
    for module in peers.values():
        contenders |= module.trainers(workload)
    print(f"\n{workload.name}: {rounds} rounds{same(workload)}")
    steps = {name: steps_of(train, workload) for name, train in contenders.items()}
    times = {name: [] for name in contenders}
    for number in range(rounds):
        names = list(contenders)
        for name in names if number % 2 else reversed(names):
            begin = time.perf_counter()
            loss = contenders[name](steps[name])
            times[name].append((time.perf_counter() - begin) / steps[name])
            assert np.isfinite(loss), f"{name}: the loss is {loss}"
    for name, taken in times.items():
        against = [a / b for a, b in zip(taken, times.get(BASE, taken), strict=True)]
        micro = f"{statistics.median(taken) * 1e6:,.1f} µs"
        print(f"    {name:32}{micro:>14}{statistics.median(against):>9.2f} ×", flush=True)


def steps_of(train, workload: Workload) -> int:
    """How many steps a repeat takes: `workload.steps`, or as few as last long enough."""
    few = max(2, workload.steps // 64)
    train(few)  # compiles
    begin = time.perf_counter()
    train(few)
    each = (time.perf_counter() - begin) / few
    steps = min(workload.steps, max(few, int(SECONDS / each)))
    train(steps)
    return steps


def ours(workload: Workload):
    """A function of the number of steps; the same Run goes on and on."""
    run = fit(workload, (workload.x, workload.y), steps=1)

    def train(steps):
        run.fit(steps=steps).wait()
        return run.history["loss"][-1]

    return train


def fit(workload: Workload, data, **options):
    adam = optax.adam(LEARNING_RATE)
    given = {"loss": workload.loss, "optimizer": adam, "batch_size": workload.batch_size} | options
    return lx.fit(workload.model, data, **given)


def same(workload: Workload) -> str:
    """What the comparison of the first losses says."""
    if workload.random:
        return "; losses are drawn at random, and not compared"
    from trainers.by_hand import trainers

    batches = workload.batches(np.asarray)[:FIRST]
    run = fit(workload, batches, steps=FIRST, batch_size=None)
    hand = trainers(workload)[BASE]
    theirs = [hand(1) for _ in range(FIRST)]
    np.testing.assert_allclose(run.history["loss"], theirs, rtol=1e-4)
    return "; the first losses of luxnb and by hand agree"


def _found(name: str):
    try:
        return importlib.import_module(f"trainers.{name}")
    except ImportError as error:
        print(f"left out: {name}, {error}")


def _options():
    parser = argparse.ArgumentParser(description="One step of training, luxnb and its peers.")
    parser.add_argument("--only", default="", help="workloads, as tiny,lenet")
    parser.add_argument("--peers", default="with,by", help="parts of their names, as hand,torch")
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
