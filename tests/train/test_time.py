"""Any step of the past, reruns with changes, forks: against runs that only go so far."""

import time

import jax
import jax.monitoring
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.compare.fingerprint import leaves_of
from luxnb.train.running.snapshots import Snapshots
from tests.train.conftest import ADAM, CONV, MLP, SGD, points, train

INJECTED = optax.inject_hyperparams(optax.adam)(learning_rate=1e-2)
MODELS = pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])


def bits(ts):
    return {name: leaf.tobytes() for name, leaf in leaves_of(ts).items()}


# -- at -----------------------------------------------------------------------------------------


@MODELS
def test_every_step_of_a_short_run(model):
    run = train(model, steps=14)
    assert bits(run.at(0)) == bits(run.task.start())
    for step in range(1, 15):
        assert bits(run.at(step)) == bits(train(model, steps=step).ts)


def test_what_was_set_on_the_way_is_set_again():
    run = train(optimizer=INJECTED, steps=6)
    run.set(learning_rate=1e-3)
    run.fit(steps=6)
    run.set(b1=0.5)
    before, after = run.at(5), run.at(9)
    assert float(before.optimizer_state.hyperparams["learning_rate"]) == np.float32(1e-2)
    assert float(after.optimizer_state.hyperparams["learning_rate"]) == np.float32(1e-3)
    assert bits(run.at(12)) == bits(run.ts)
    alone = train(optimizer=INJECTED, steps=6)
    alone.set(learning_rate=1e-3)
    assert bits(run.at(6)) == bits(alone.ts)
    assert bits(after) == bits(alone.fit(steps=3).ts)


@MODELS
def test_from_snapshots(model, monkeypatch):
    monkeypatch.setattr("luxnb.train.running.snapshots.SECONDS", 0.0)
    monkeypatch.setattr("luxnb.train.running.snapshots.MOST", 4)
    monkeypatch.setattr("luxnb.train.running.engine.FRAME", 1e-9)
    run = train(model, steps=60)
    kept = run._worker.course.records.snapshots._kept
    assert 2 <= len(kept) <= 4 and min(kept) > 1
    for step in (*kept, 37, max(kept) - 1, max(kept) + 1):
        assert bits(run.at(step)) == bits(train(model, steps=step).ts)


def test_while_it_trains(live):
    run = train(steps=10**7)
    while run.latest.step < 100:
        time.sleep(0.002)
    then = run.at(40)
    assert run.latest.active, "it goes on meanwhile"
    run.stop()
    assert bits(then) == bits(train(steps=40).ts)
    assert bits(run.ts) == bits(train(steps=run.step).ts)


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (-1, ValueError, "the run has the steps from 0 to 3, not -1"),
        (4, ValueError, "the run has the steps from 0 to 3, not 4"),
        (1.0, TypeError, "step must be an integer, got 1.0"),
        (True, TypeError, "step must be an integer, got True"),
    ],
)
def test_steps_that_are_not_there(step, error, message):
    with pytest.raises(error, match=message):
        train(steps=3).at(step)


# -- snapshots ----------------------------------------------------------------------------------


def test_snapshots_are_few_and_spread(monkeypatch):
    monkeypatch.setattr("luxnb.train.running.snapshots.SECONDS", 0.0)
    snapshots, ts = Snapshots(), train(steps=1).ts
    for step in range(1, 5000):
        snapshots.offer(step, ts)
    kept = sorted(snapshots._kept)
    assert 8 <= len(kept) <= 16
    gaps = np.diff([0, *kept, 4999])
    assert gaps.max() <= 4 * np.median(gaps)
    assert snapshots.nearest(kept[3] + 1)[0] == kept[3]
    assert snapshots.nearest(0) is None


def test_a_large_train_state_is_not_kept(monkeypatch):
    monkeypatch.setattr("luxnb.train.running.snapshots.SECONDS", 0.0)
    monkeypatch.setattr("luxnb.train.running.snapshots.MOST_BYTES", 500)
    snapshots = Snapshots()
    snapshots.offer(5, train(steps=1).ts)
    assert snapshots.nearest(9) is None


# -- rerun --------------------------------------------------------------------------------------


def test_a_rerun_after_several_fits():
    run = train(steps=5)
    run.fit(steps=3)
    run.fit(epochs=1)
    assert lx.compare(run, run.rerun()).identical


def test_a_rerun_with_changes_goes_as_far_as_was_planned():
    run = train(steps=20)
    other = run.rerun(seed=4)
    assert other.step == 20 and other.task.seed == 4
    assert other.fingerprint == train(seed=4, steps=20).fingerprint
    assert run.rerun(steps=7).step == 7
    assert run.rerun(epochs=1).step == 6
    assert train(epochs=2).rerun(batch_size=8).step == 24
    smaller = run.rerun(data=points(rows=48), steps=6)
    assert smaller.task.feed.steps_per_epoch == 48 // 32, "the batch size is that of fit"


def test_an_unknown_change_is_refused():
    with pytest.raises(TypeError, match=r"fit has no argument 'sead'; did you mean 'seed'\?"):
        train(steps=1).rerun(sead=1)


def test_a_run_without_steps_cannot_be_run_again():
    run = train(steps=4).fork(2)
    with pytest.raises(ValueError, match="the run has taken no step"):
        run.rerun()


def test_interventions_are_repeated_and_noted(live):
    run = train(optimizer=INJECTED, steps=300)
    run.pause()
    run.set(learning_rate=1 / 3)
    run.resume()
    run.wait()
    again = run.rerun()
    again.wait()
    assert again.interventions == run.interventions
    assert lx.compare(run, again).identical


def test_what_cannot_be_repeated_is_said_before_anything_runs():
    run = train(optimizer=INJECTED, steps=3)
    run.set(learning_rate=0.1)
    run.fit(steps=1)
    with pytest.raises(ValueError, match=r"at step 3 .* set\(learning_rate=0.1\), which cannot be"):
        run.rerun(optimizer=ADAM)


# -- fork and start -----------------------------------------------------------------------------


@MODELS
def test_a_fork_goes_on_to_the_bit(model):
    run = train(model, steps=20)
    fork = run.fork(11)
    assert fork.step == 11 == len(fork.history) and run.step == 20
    assert np.array_equal(fork.history["loss"], run.history["loss"][:11])
    assert lx.compare(run, fork.fit(steps=9)).identical
    assert lx.compare(fork, fork.rerun()).identical
    assert bits(fork.at(15)) == bits(run.at(15))
    with pytest.raises(ValueError, match="the run has the steps from 11 to 20, not 10"):
        fork.at(10)


def test_a_fork_with_changes():
    run = train(steps=20)
    fork = run.fork(10, data=points(seed=5), batch_size=16).fit(steps=5)
    assert np.array_equal(fork.history["loss"][:10], run.history["loss"][:10])
    assert not np.array_equal(fork.history["loss"], run.history["loss"][:15])
    assert lx.compare(fork, fork.rerun()).identical


def test_a_fork_keeps_what_was_set_before_it():
    run = train(optimizer=INJECTED, steps=5)
    run.set(learning_rate=1e-3)
    run.fit(steps=5)
    run.set(learning_rate=1e-4)
    run.fit(steps=5)
    fork = run.fork(7)
    assert [e.step for e in fork.interventions] == [5]
    fork.set(learning_rate=1e-1)
    fork.fit(steps=3)
    assert [e.step for e in fork.interventions] == [5, 7]
    assert lx.compare(fork, fork.rerun()).identical


def test_a_start_goes_on_with_the_optimiser_and_the_order_of_rows():
    run = train(steps=9)
    on = train(start=run.ts, steps=4)
    assert on.step == 13 and len(on.history) == 4
    assert on.history.steps.tolist() == [10, 11, 12, 13]
    assert bits(on.ts) == bits(run.fit(steps=4).ts)
    assert lx.compare(on, on.rerun()).identical
    assert repr(on).startswith("<Run done at step 13 of 13")


def test_a_start_of_something_else():
    ts = train(steps=2).ts
    with pytest.raises(ValueError, match=r"the start has optimizer_state\[0\]\.count"):
        train(start=ts, optimizer=SGD, steps=1)
    wide = lx.replace(lx.replace(MLP, "layer_4.out_dims", 5), "layer_3.rate", 0.1)
    with pytest.raises(ValueError, match=r"params\.layer_4\.weight of the start is f32\[8,3\]"):
        train(wide, start=ts, steps=1)
    with pytest.raises(ValueError, match="give start=, which has parameters and state"):
        train(start=ts, params=ts.params, state=ts.state, steps=1)
    with pytest.raises(TypeError, match="start must be a TrainState"):
        train(start=3, steps=1)


# -- set ----------------------------------------------------------------------------------------


def test_nothing_is_compiled_again():
    run, compiled = train(optimizer=INJECTED, steps=30), []
    run.set(learning_rate=0.5)
    run.fit(steps=1)

    def listen(event, *_, **__):
        compiled.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    run.set(learning_rate=0.25)
    run.fit(steps=20)
    jax.monitoring.unregister_event_duration_listener(listen)
    assert [event for event in compiled if "compile" in event] == []
    assert float(run.ts.optimizer_state.hyperparams["learning_rate"]) == 0.25


def test_set_from_many_threads_is_recorded_and_repeated(live):
    import threading

    run = train(optimizer=INJECTED, steps=3000)

    def turn(i):
        for j in range(20):
            run.set(learning_rate=1e-3 * (1 + i + j))
            time.sleep(0.001)

    threads = [threading.Thread(target=turn, args=(i,)) for i in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    run.wait()
    rate = np.float32(run.interventions[-1].values["learning_rate"])
    assert run.ts.optimizer_state.hyperparams["learning_rate"] == rate
    again = run.rerun()
    assert again.fingerprint == run.fingerprint and again.interventions == run.interventions


def test_set_before_the_first_step():
    run = train(optimizer=INJECTED, steps=1).fork(0)
    run.set(learning_rate=1e-3)
    run.fit(steps=5)
    slow = optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)
    assert jnp.array_equal(run.history["loss"], train(optimizer=slow, steps=5).history["loss"])
    assert run.interventions[0].step == 0


@pytest.mark.parametrize(
    ("optimizer", "values", "message"),
    [
        (ADAM, {"learning_rate": 1}, r"keeps its hyper-parameters to itself.*inject_hyperparams"),
        (INJECTED, {}, "say what to set, one of b1, b2"),
        (INJECTED, {"learning_rat": 1}, "no hyper-parameter 'learning_rat'; did you mean"),
        (INJECTED, {"learning_rate": "x"}, "must be a finite number, got 'x'"),
        (INJECTED, {"learning_rate": np.nan}, "must be a finite number, got nan"),
        (INJECTED, {"learning_rate": True}, "must be a finite number, got True"),
        (INJECTED, {"learning_rate": [1, 2]}, r"must have shape \(\), got \(2,\)"),
    ],
)
def test_what_set_refuses(optimizer, values, message):
    run = train(optimizer=optimizer, steps=2)
    with pytest.raises(ValueError, match=message):
        run.set(**values)
    assert run.interventions == () and run.fit(steps=1).step == 3


def test_a_scheduled_hyper_parameter_is_not_set():
    optimizer = optax.inject_hyperparams(optax.adam)(optax.linear_schedule(0.1, 0.0, 10))
    run = train(optimizer=optimizer, steps=4)
    with pytest.raises(ValueError, match="learning_rate follows a schedule"):
        run.set(learning_rate=1.0)
    expected = [optax.linear_schedule(0.1, 0.0, 10)(i) for i in range(4)]
    np.testing.assert_array_equal(run.history["learning_rate"], np.array(expected, np.float32))


def test_what_was_set_after_a_step_that_failed_is_set_when_it_comes_there_again(monkeypatch):
    """The loss explodes while later chunks, with other settings, are under way."""
    run = train(optimizer=INJECTED, steps=1)
    run.set(learning_rate=1e38)
    run.fit(steps=40)
    assert run.latest.status == "stopped"
    stopped = run.step
    run.set(learning_rate=1e-3)
    assert run.interventions[-1].step == stopped
    assert lx.compare(run, run.rerun()).identical or run.rerun().latest.status == "stopped"
