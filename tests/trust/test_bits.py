"""The same bits: whatever the grouping, the view, pauses, files, feeds and neighbours."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import luxnb as lx
from luxnb.train.running import place
from tests.train.conftest import Live
from tests.trust.subjects import BATCH, SUBJECTS, train

STEPS = 23  # four epochs of five steps, and a part of the fifth


@pytest.fixture(params=list(SUBJECTS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def straight():
    """Each training without anything in between, made once."""
    made = {}

    def of(name, steps=STEPS):
        if (name, steps) not in made:
            made[name, steps] = train(name, steps).fingerprint
        return made[name, steps]

    return of


@pytest.fixture
def live(monkeypatch):
    monkeypatch.setattr(place, "finder", Live)


@pytest.mark.parametrize("frame", [1e-9, 1e-3, 1.0])
def test_chunks_of_any_length(name, frame, straight, monkeypatch):
    monkeypatch.setattr("luxnb.train.running.engine.FRAME", frame)
    assert train(name, STEPS).fingerprint == straight(name)


def test_a_rerun(name, straight):
    assert train(name, STEPS).rerun().fingerprint == straight(name)


def test_watched(name, straight, live):
    run = train(name, STEPS)
    seen = []
    run.observe(lambda: seen.append((run.latest.step, len(run.records.since(0)))))
    while run.latest.active:
        ts = run.latest_ts
        seen.append(ts is not None and repr(ts.params))
        repr(run), lx.view(run)
    assert run.fingerprint == straight(name) and seen


def test_validated(name, straight):
    data = SUBJECTS[name][1]
    run = train(name, STEPS, validation=lx.Validation(data, steps=3, batch_size=16))
    assert run.fingerprint == straight(name)
    assert len(run.validation) == STEPS // 3


def test_pauses_stops_and_going_on(name, straight, live):
    """At whatever step they happen to fall."""
    run = train(name, STEPS)
    for _ in range(20):
        run.pause()
        time.sleep(0.001)
        run.resume()
        run.stop()
        run.wait()
        if run.step < STEPS:
            run.fit()
    if run.step < STEPS:
        run.fit()
    assert run.fingerprint == straight(name)


def test_one_step_at_a_time(name, straight):
    run = train(name, 1)
    while run.step < STEPS:
        run.fit(steps=1)
    assert run.fingerprint == straight(name)


def test_saved_and_gone_on_with_in_another_process(tmp_path, straight):
    """In the middle of an epoch; all four at once, for a process takes its time to start."""
    for name in SUBJECTS:
        train(name, 13).save(tmp_path / f"{name}.safetensors")
    command = [sys.executable, "-m", "tests.trust.go_on", str(tmp_path), str(STEPS - 13)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = dict(line.split() for line in done.stdout.splitlines())
    assert found == {name: straight(name) for name in SUBJECTS}


def test_interventions_are_replayed(name, live):
    run = train(name, 60)
    run.set(learning_rate=3e-3)
    run.pause()
    run.set(learning_rate=1e-3)
    run.resume()
    run.wait()
    run.set(learning_rate=1e-4)
    run.fit(steps=7).wait()
    again = run.rerun()
    again.wait()
    assert again.fingerprint == run.fingerprint
    assert again.interventions == run.interventions
    assert again.history["learning_rate"][-1] == np.float32(1e-4)


def test_interventions_matter(name, straight):
    run = train(name, 12)
    run.set(learning_rate=1e-3)
    run.fit(steps=STEPS - 12)
    assert run.fingerprint != straight(name)
    assert run.rerun().fingerprint == run.fingerprint


@pytest.mark.parametrize("kind", ["list", "generator", "function", "host"])
def test_streamed_in_the_same_order(name, kind, straight):
    data = SUBJECTS[name][1]
    epochs = STEPS * BATCH // len(data[0]) + 1

    def batches():
        return lx.batches(data, batch_size=BATCH, epochs=epochs, seed=7)

    feeds = {
        "list": lambda: list(batches()),
        "generator": batches,
        "function": lambda: batches,
        "host": lambda: lx.on_host(data),
    }
    size = BATCH if kind == "host" else None
    run = train(name, STEPS, data=feeds[kind](), batch_size=size)
    assert run.fingerprint == straight(name)


def test_beside_other_runs(name, straight, live):
    runs = {other: train(other, STEPS) for other in SUBJECTS}
    again = train(name, STEPS)
    for other, run in runs.items():
        assert run.fingerprint == straight(other)
    assert again.fingerprint == straight(name)


def test_in_a_thread(name, straight):
    found = []
    thread = threading.Thread(target=lambda: found.append(train(name, STEPS).fingerprint))
    thread.start()
    thread.join()
    assert found == [straight(name)]


def test_any_step_of_the_past(name):
    """`at` against a run of so many steps."""
    run = train(name, STEPS)
    for step in (0, 1, 5, 12, STEPS):
        then = run.at(step)
        if step:
            alone = train(name, step).ts
            assert same(then, alone), step
        assert int(then.step) == step


def test_a_fork_goes_on_as_its_origin(name, straight):
    fork = train(name, STEPS).fork(9)
    assert fork.step == 9
    assert fork.fit(steps=STEPS - 9).fingerprint == straight(name)


def same(a, b) -> bool:
    from luxnb.train.compare.fingerprint import leaves_of

    left, right = leaves_of(a), leaves_of(b)
    return left.keys() == right.keys() and all(
        left[k].tobytes() == right[k].tobytes() for k in left
    )
