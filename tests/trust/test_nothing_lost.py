"""Nothing is lost: after any accident the run has its last good state, and can go on from it."""

import linecache
import random
import signal
import sys
import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from tests.trust.subjects import BATCH, MLP, SUBJECTS, options, train

DATA = SUBJECTS["mlp"][1]
INTERRUPTS = 200


def stands_well(run, before: int = 0) -> None:
    """Its history is as long as its steps, and every array of it can be read and is finite."""
    assert before <= run.step == len(run.history) == int(run.ts.step)
    for leaf in jax.tree.leaves((run.params, run.state.layer_2)):
        assert np.isfinite(np.asarray(leaf)).all()
    assert np.isfinite(run.history["loss"]).all()


def press_control_c() -> None:
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def test_interrupted_at_random_moments(capsys):
    """Also while it compiles, starts, waits and ends; whoever is interrupted goes on to the bit."""
    chance, run, stopped = random.Random(0), train("mlp", 1), []
    for _ in range(INTERRUPTS):
        interrupt = threading.Timer(chance.uniform(0, 0.02), press_control_c)
        before = run.step
        try:
            interrupt.start()
            run.fit(steps=10**7)
            interrupt.join()
        except KeyboardInterrupt:  # before `fit` was ready for it
            pass
        stands_well(run, before)
        stopped.append(run.step)
    assert len(set(stopped)) > INTERRUPTS / 2, "it hardly moved between interrupts"
    assert run.fingerprint == train("mlp", run.step).fingerprint
    assert "luxnb: interrupted" in capsys.readouterr().err


def test_interrupted_at_every_line(capsys):
    """Of what `fit` does on the thread that a person can interrupt, one after the other."""
    run, at, interrupted = train("mlp", 1), 0, True
    while interrupted:
        at += 1
        sys.settrace(interrupts(at))
        try:
            run.fit(steps=3)
            interrupted = sys.gettrace() is None
        except KeyboardInterrupt:  # before `fit` was ready for it
            pass
        finally:
            sys.settrace(None)
        assert run._worker.wait_still(20), f"it hangs after an interrupt at the {at}th line"
        stands_well(run)
    assert at > 40
    assert run.fingerprint == train("mlp", run.step).fingerprint


def interrupts(at: int):
    """A trace function that raises at the `at`th line of our own that is met, once."""
    lines = []

    def trace(frame, event, _):
        file, number = frame.f_code.co_filename, frame.f_lineno
        if event == "line" and "luxnb" in file:
            # Python itself never interrupts between the end of a `with` and its __exit__.
            lines.append(not linecache.getline(file, number).lstrip().startswith("with "))
            if lines[-1] and sum(lines) == at:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    return trace


def test_interrupted_before_the_first_step(capsys):
    """Tracing and compiling are interrupted as well."""
    model = lx.Chain(*(lx.Dense(4, 4, jnp.tanh) for _ in range(12)), lx.Dense(4, 3))
    for delay in (0.01, 0.1, 0.3, 0.6):
        interrupt = threading.Timer(delay, press_control_c)
        try:
            interrupt.start()
            run = lx.fit(model, DATA, steps=10**7, **options())
            interrupt.join()
        except KeyboardInterrupt:
            continue  # before there was a run
        assert run.step == len(run.history)
        run.fit(steps=3)
        assert run.latest.status == "done"


class Flaky:
    """An iterator that raises at some batch, once, and can be asked again."""

    def __init__(self, at: int):
        self.batches, self.number, self.at = (
            lx.batches(DATA, batch_size=BATCH, epochs=9, seed=7),
            0,
            at,
        )

    def __iter__(self):
        return self

    def __next__(self):
        self.number += 1
        if self.number == self.at:
            raise OSError("the disk is gone")
        return next(self.batches)


@pytest.mark.parametrize("at", [2, 9, 17])
def test_the_data_raise(at):
    """All batches before are trained on, the error has the run, and it goes on with the next."""
    with pytest.raises(OSError, match="the disk is gone") as caught:
        lx.fit(MLP, Flaky(at), steps=20, **options(batch_size=None))
    run = caught.value.luxnb_run
    assert f"up to step {at - 1} is kept" in caught.value.__notes__[-1]
    stands_well(run, at - 1)
    assert run.step == at - 1 and run.latest.status == "failed"
    assert run.fingerprint == train("mlp", at - 1).fingerprint
    run.fit(steps=5)
    assert run.fingerprint == train("mlp", at + 4).fingerprint


def test_the_data_raise_at_once():
    with pytest.raises(OSError, match="the disk is gone"):
        lx.fit(MLP, Flaky(1), steps=20, **options(batch_size=None))


def test_a_metric_raises():
    def broken(prediction, y):
        raise RuntimeError("no such metric")

    with pytest.raises(RuntimeError, match="no such metric"):
        train("mlp", 5, metrics={"broken": broken})
    run = train("mlp", 5)
    with pytest.raises(RuntimeError, match="no such metric"):
        run.rerun(metrics={"broken": broken})
    stands_well(run, 5)
    assert run.fit(steps=1).step == 6


def test_an_observer_raises(capsys):
    run = train("mlp", 1)
    run.observe(lambda: 1 / 0)
    run.fit(steps=22)
    assert run.fingerprint == train("mlp", 23).fingerprint
    assert "an observer failed and was dropped: ZeroDivisionError" in capsys.readouterr().err


def test_the_loss_turns_nan():
    """The learning rate explodes; set back, the run goes on from its last good step."""
    run = train("mlp", 10)
    kept = run.fingerprint
    run.set(learning_rate=1e38)
    run.fit(steps=50)
    assert run.latest.status == "stopped" and "the loss became" in run.latest.message
    stands_well(run, 10)
    assert np.array_equal(run.history["loss"][:10], train("mlp", 10).history["loss"])
    run.set(learning_rate=1e-3)
    assert kept == train("mlp", 10).fingerprint


def greedy(model, ps, st, batch):
    """Wants a pebibyte."""
    prediction, st = model(batch[0], ps, st)
    noise = jax.random.normal(st.layer_3.key, (2**48,))
    loss = lx.losses.cross_entropy(prediction, batch[1])
    return loss + 0 * jnp.sort(noise)[batch[1][0]], st, {}


def test_memory_runs_out():
    """The device refuses; what was there before is there after, and other runs are not hurt."""
    run = train("mlp", 10)
    kept = run.fingerprint
    with pytest.raises(Exception, match=r"(?i)memory|exhausted|alloc"):
        lx.fit(MLP, DATA, steps=5, start=run.ts, **options(loss=greedy, metrics=None))
    assert run.fingerprint == kept
    assert run.fit(steps=13).fingerprint == train("mlp", 23).fingerprint


@pytest.mark.parametrize("call", [2, 3, 7])
def test_memory_runs_out_in_the_middle(call, monkeypatch):
    """Once, when some chunk is started: the run fails, keeps the steps before, and goes on."""
    from luxnb.train.program.program import Program

    run, calls, start = train("mlp", 1), [], Program.run
    monkeypatch.setattr("luxnb.train.running.engine.FRAME", 1e-9)

    def sometimes(self, *arguments):
        calls.append(1)
        if len(calls) == call:
            raise MemoryError("the device is full")
        return start(self, *arguments)

    monkeypatch.setattr(Program, "run", sometimes)
    with pytest.raises(MemoryError, match="the device is full"):
        run.fit(steps=22)
    stands_well(run, 1)
    assert call <= run.step < 23, "the steps before it were finished"
    run.fit(steps=23 - run.step)
    assert run.fingerprint == train("mlp", 23).fingerprint
