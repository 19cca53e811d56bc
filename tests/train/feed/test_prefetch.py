"""The thread that takes batches ahead: nobody waits for it in vain, and it leaves nothing."""

import gc
import itertools
import signal
import subprocess
import sys
import threading
import time
import weakref

import numpy as np

import luxnb as lx
from tests.train.conftest import train
from tests.train.feed.sources import batches, flow, idle_threads


def test_a_forgotten_supply_ends_its_thread_and_goes():
    supply = lx.stream(lambda: iter(batches())).open(0)
    gone = weakref.ref(supply)
    del supply
    assert idle_threads() == []
    gc.collect()
    assert gone() is None


def test_a_process_ends_while_batches_are_awaited():
    code = """
import itertools, time, numpy as np, optax, luxnb as lx

def slowly():
    for i in itertools.count():
        time.sleep(0.01 if i < 3 else 600)
        yield np.ones((4, 1)), np.ones((4, 1))

run = lx.fit(lx.Dense(1, 1), slowly(), loss=lx.losses.mse, optimizer=optax.sgd(0.1), steps=3)
print(run.step)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


def test_two_runs_beside_each_other(live):
    first, second = (flow(lambda: iter(batches()), steps=25) for _ in range(2))
    assert first.fingerprint == second.fingerprint == train(steps=25).fingerprint


def test_an_interrupt_loses_no_batch(capsys):
    def interrupting():
        for i, batch in enumerate(batches()):
            if i in (5, 17):
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                time.sleep(0.3)  # nothing to train on, until it has come
            yield batch

    run = flow(interrupting(), steps=25)
    stops = [run.step]
    while run.step < 25:
        stops.append(run.fit(steps=25 - run.step).step)
    assert len(stops) == 3 and stops[0] <= 5 < stops[1] <= 17
    assert capsys.readouterr().err.count("luxnb: interrupted") == 2
    assert lx.compare(run, train(steps=25)).identical


def test_memory_ahead_is_bounded():
    drawn = []

    def endless():
        for i in itertools.count():
            drawn.append(i)
            yield np.zeros((1024, 1024), np.float32)  # 4 MiB, of which two are a block

    supply = lx.stream(endless).open(0)
    assert supply.take(0, 1).arrays.shape == (2, 1024, 1024)
    assert idle_threads() == []
    assert len(drawn) <= 8
    supply.close()
