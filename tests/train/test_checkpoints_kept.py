"""Checkpoints that are kept while a run goes on: when, how many, by whom, and what cannot hurt."""

import os
import threading
import time

import numpy as np
import pytest

import luxnb as lx
from luxnb.train.checkpoint import keeper
from luxnb.train.running.engine import Engine
from tests.train.conftest import ADAM, Live, train
from tests.train.test_checkpoint import given
from tests.train.test_run import Counter, bursting, until


def names(folder):
    return sorted(os.listdir(folder))


def steps(*numbers):
    return [f"step-{n:06}.safetensors" for n in numbers]


def test_every_so_many_steps_and_at_the_end(tmp_path):
    straight = train(steps=100)
    run = train(steps=100, checkpoints=lx.Checkpoints(tmp_path, steps=30, keep=9))
    assert names(tmp_path) == steps(30, 60, 90, 100)
    assert lx.compare(run, straight).identical
    for step in (30, 60, 90, 100):
        loaded = lx.load(tmp_path / steps(step)[0], **given())
        assert loaded.step == step and loaded.latest.target == 100
        if step < 100:
            assert loaded.fit().fingerprint == straight.fingerprint, "on to where it was planned"


def test_the_last_few_stay(tmp_path):
    train(steps=100, checkpoints=lx.Checkpoints(tmp_path, steps=10, keep=2))
    assert names(tmp_path) == steps(90, 100)


def test_every_so_many_minutes(tmp_path):
    wanted = lx.Checkpoints(tmp_path, minutes=1e-6, keep=10_000)
    run = train(steps=3000, checkpoints=wanted)
    assert len(names(tmp_path)) > 1 and names(tmp_path)[-1:] == steps(3000)
    assert lx.compare(run, train(steps=3000)).identical
    first = lx.load(tmp_path / names(tmp_path)[0], **given())
    assert first.fit().fingerprint == run.fingerprint


def test_a_path_is_enough_and_is_made(tmp_path):
    train(steps=5, checkpoints=tmp_path / "a" / "b")
    assert names(tmp_path / "a" / "b") == steps(5)
    train(steps=5, checkpoints=str(tmp_path / "c"))
    assert lx.load(tmp_path / "c").step == 5


def test_at_a_stop(tmp_path, live):
    run = train(steps=10**7, checkpoints=tmp_path)
    until(lambda: run.latest.step)
    run.stop()
    run.wait()
    assert names(tmp_path) == steps(run.step)
    assert lx.load(tmp_path).interventions == run.interventions != ()


def test_at_a_loss_that_is_not_finite(tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    model = lx.Chain(lx.Dense(2, 1), Counter())
    data = x, np.ones((40, 1), np.float32)
    run = lx.fit(
        model, data, loss=bursting(7), optimizer=ADAM, batch_size=8, steps=20, checkpoints=tmp_path
    )
    assert run.step == 6 and names(tmp_path) == steps(6)


def test_at_an_error(tmp_path, monkeypatch):
    run = train(steps=5, checkpoints=tmp_path)
    land, landings = Engine.land, []

    def fails(engine):
        landings.append(engine)
        if len(landings) > 2:
            raise MemoryError("device")
        return land(engine)

    monkeypatch.setattr(Engine, "land", fails)
    with pytest.raises(MemoryError):
        run.fit(steps=10**6)
    monkeypatch.undo()
    assert run.step > 5 and names(tmp_path) == steps(5, run.step)
    loaded = lx.load(tmp_path, **given())
    assert loaded.fit(steps=3).fingerprint == run.fit(steps=3).fingerprint


def test_other_runs_files_are_left_alone(tmp_path):
    wanted = lx.Checkpoints(tmp_path, steps=10, keep=2)
    train(steps=30, checkpoints=wanted)
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    run = train(steps=30, seed=4, checkpoints=wanted)
    for name, data in before.items():
        assert (tmp_path / name).read_bytes() == data
    assert names(tmp_path) == sorted(
        [*steps(20, 30), *[f"step-0000{n}-2.safetensors" for n in (20, 30)]]
    )
    loaded = lx.load(tmp_path, **given())
    assert loaded.task.seed == 4 and loaded.fingerprint == run.fingerprint, "the newest"


def test_who_goes_on_keeps_on_with_the_same_files(tmp_path):
    wanted = lx.Checkpoints(tmp_path, steps=10, keep=2)
    train(steps=30, checkpoints=wanted)
    run = lx.load(tmp_path, **given(), checkpoints=wanted)
    run.fit(steps=20)
    assert names(tmp_path) == steps(40, 50)
    assert names(tmp_path) == steps(40, 50) and run.rerun() and names(tmp_path) == steps(40, 50)


def test_an_error_of_writing_is_told_once_and_harms_nothing(tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    run = train(steps=50, checkpoints=lx.Checkpoints(tmp_path, steps=10))
    assert run.latest.status == "done" and names(tmp_path) == []
    told = capsys.readouterr().err
    assert told.count("luxnb: no checkpoint was kept: ") == 1 and "No space left" in told
    monkeypatch.undo()
    run.fit(steps=10)
    assert names(tmp_path) == steps(60)
    assert lx.compare(run, train(steps=60)).identical


def test_training_is_not_held_up_by_a_slow_disk(tmp_path, monkeypatch):
    written, go_on = [], threading.Event()

    def slow(path, standing, task):
        go_on.wait(60)
        written.append(int(standing.ts.step))

    monkeypatch.setattr(keeper, "save", slow)
    monkeypatch.setattr("luxnb.train.running.place.finder", Live)
    run = train(steps=10**7, checkpoints=lx.Checkpoints(tmp_path, minutes=1e-6))
    until(lambda: run.latest.step)
    seen = run.latest.step
    until(lambda: run.latest.step > seen + 1000)
    assert written == []
    run.stop()
    time.sleep(0.05)
    assert run.latest.active, "it ends when all is written"
    go_on.set()
    run.wait()
    assert written[-1] == run.step


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"folder": 3}, TypeError, "checkpoints must be the path of a folder, got 3"),
        ({"folder": ""}, TypeError, "checkpoints must be the path of a folder, got ''"),
        ({"minutes": 1, "steps": 1}, ValueError, "give minutes or steps, not both"),
        ({"minutes": 0}, ValueError, "Checkpoints.minutes must be more than 0, got 0"),
        ({"minutes": float("nan")}, ValueError, "Checkpoints.minutes must be more than 0, got nan"),
        ({"steps": 0}, ValueError, "Checkpoints.steps must be a positive integer, got 0"),
        ({"keep": 0}, ValueError, "Checkpoints.keep must be a positive integer, got 0"),
        ({"keep": None}, ValueError, "Checkpoints.keep must be a positive integer, got None"),
    ],
)
def test_what_checkpoints_refuse(given, error, message):
    with pytest.raises(error, match=message):
        lx.Checkpoints(**{"folder": "f", **given})


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"checkpoints go to a folder, and .*file is a file"):
        train(steps=1, checkpoints=tmp_path / "file")


def test_an_empty_folder(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"no checkpoint in .*, no file step-\*.safetensors"
    ):
        lx.load(tmp_path)
