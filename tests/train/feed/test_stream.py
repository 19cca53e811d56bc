"""Streams: the same bits as from memory, and errors that say which batch."""

import itertools
import threading
import time

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import luxnb as lx
from luxnb.train.feed.stream import Stream
from tests.train.conftest import CONV, MLP, SGD, train
from tests.train.feed.sources import Loader, batches, flow, idle_threads
from tests.train.test_run import until

SOURCES = {
    "list": lambda made: made,
    "iterator": iter,
    "generator": lambda made: (batch for batch in made),
    "function": lambda made: lambda: iter(made),
    "function of the pass": lambda made: lambda n: made[n * 7 : n * 7 + 7],
    "loader": Loader,
    "tensors": lambda made: Loader([tuple(map(torch.tensor, batch)) for batch in made]),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])
def test_the_bits_are_those_of_the_same_rows_in_memory(model, source):
    made = batches(model)
    steps = len(made) - 1
    run = flow(SOURCES[source](made), model, steps=steps)
    assert isinstance(run.task.feed, Stream)
    assert run.fingerprint == train(model, steps=steps).fingerprint
    assert idle_threads() == []


@pytest.mark.parametrize("most", [1, 4])
def test_the_size_of_blocks_changes_no_bit(most, monkeypatch):
    monkeypatch.setattr("luxnb.train.feed.form.MOST_STEPS", most)
    assert flow(batches(), steps=29).fingerprint == train(steps=29).fingerprint


def test_a_slow_iterator_changes_no_bit_and_is_not_waited_for():
    def slowly():
        for i, batch in enumerate(batches()):
            time.sleep(0.1 * (i % 4 == 3))
            yield batch

    began = time.monotonic()
    run = flow(slowly, steps=20)
    assert run.fingerprint == train(steps=20).fingerprint
    assert time.monotonic() - began < 60


def test_the_first_step_does_not_wait_for_the_second_batch(live):
    more = threading.Event()

    def waits():
        made = batches()
        yield from made[:2]
        more.wait(60)
        yield from made[2:]

    run = flow(waits, steps=9)
    until(lambda: run.latest.step == 2)
    assert run.records["loss"].shape == (2,)
    run.pause()
    until(lambda: run.latest.status == "paused")  # although no batch comes
    run.resume()
    more.set()
    assert run.fingerprint == train(steps=9).fingerprint


def test_a_stop_does_not_wait_for_a_batch(live):
    more = threading.Event()

    def waits():
        yield batches()[0]
        more.wait(60)
        yield from batches()[1:]

    run = flow(waits(), steps=9)
    until(lambda: run.latest.step == 1)
    run.stop()
    run.wait()
    assert run.latest.status == "stopped" and run.step == 1
    more.set()
    run.fit(steps=8)
    assert lx.compare(run, train(steps=9)).identical


# -- epochs and ends ----------------------------------------------------------------------------


def test_passes_begin_anew():
    made = batches()[:4]
    run = flow(Loader(made), epochs=3)
    assert run.step == 12
    assert run.fingerprint == flow(made * 3, steps=12).fingerprint


def test_the_end_of_an_iterator_ends_the_run():
    run = flow(iter(batches()[:5]), steps=100)
    assert run.step == 5 and run.latest.status == "done"
    assert run.latest.message == "the data came to their end after 5 steps"
    assert run.fit(steps=1).step == 5
    assert run.fingerprint == train(steps=5).fingerprint


def test_an_iterable_that_gives_its_batches_only_once_ends_the_run():
    once = iter(batches()[:5])

    class Once:
        def __iter__(self):
            return itertools.chain(once)

    run = flow(Once(), steps=100)
    assert run.step == 5 and "came to their end after 5 steps" in run.latest.message


def test_a_smaller_last_batch_of_a_pass_is_left_out():
    made = batches()[:4]
    small = [*made, tuple(array[:5] for array in made[0])]
    for source in (small, lambda: iter(small), Loader(small)):
        assert flow(source, steps=11).fingerprint == flow(made, steps=11).fingerprint
    assert flow(small, epochs=2).step == 8
    assert flow(iter(small), steps=11).step == 4


def test_epochs_need_a_length():
    with pytest.raises(ValueError, match="nobody knows how long an epoch of this stream is"):
        flow(lambda: iter(batches()), epochs=1)
    assert flow(Loader(batches()[:3]), epochs=2).step == 6


def test_batches_are_taken_once_and_none_is_lost_when_a_run_goes_on():
    made = batches()
    run = flow(iter(made), steps=3)
    time.sleep(0.5)  # the thread ended, and kept what it had
    assert idle_threads() == []
    for _ in range(4):
        run.fit(steps=5)
    assert run.fingerprint == train(steps=23).fingerprint


def test_an_iterator_is_gone_through_once():
    run = flow(iter(batches()), steps=3)
    with pytest.raises(ValueError, match=r"iterator.* function that makes"):
        run.rerun()
    again = flow(lambda: iter(batches()), steps=3)
    assert again.rerun().fingerprint == again.fingerprint == run.fingerprint


# -- errors -------------------------------------------------------------------------------------


def spoil(number, change):
    made = batches()
    made[number] = change(*made[number])
    return made


BAD = {
    "shape": (lambda x, y: (x[:, :1], y), ValueError, r"batch 4: data\[0\] is f32\[16,1\], and"),
    "rows": (lambda x, y: (x[:5], y[:5]), ValueError, r"drop_last=True where they are made"),
    "dtype": (lambda x, y: (x, y.astype(np.float32)), ValueError, r"astype\('int32'\)"),
    "structure": (lambda x, y: {"x": x}, ValueError, r"it is {x: f32\[16,2\]}, and the first"),
    "nan": (lambda x, y: (x * np.nan, y), ValueError, r"batch 4: data\[0\] holds nan in row 0"),
    "text": (lambda x, y: (x, "abc"), ValueError, r"data\[1\] is <U\d+\[\], and i32\[16\] in the"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("source", [list, iter, Loader], ids=["list", "iterator", "loader"])
def test_a_batch_that_is_unlike_the_others(kind, source):
    change, error, message = BAD[kind]
    made = spoil(3, change)
    with pytest.raises(error, match=message) as caught:
        flow(lx.stream(source(made)), steps=20)
    run = caught.value.luxnb_run
    assert run.step == 3 and len(run.history) == 3
    run.fit(steps=10)  # without it
    assert run.fingerprint == flow(made[:3] + made[4:], steps=13).fingerprint


def test_what_the_iterator_raises_comes_after_the_steps_before():
    made = batches()

    class Fragile:
        def __init__(self):
            self.n = -1

        def __iter__(self):
            return self

        def __next__(self):
            self.n += 1
            if self.n == 6:
                raise OSError("the disk is away")
            return made[self.n - (self.n > 6)]

    with pytest.raises(OSError, match="the disk is away") as caught:
        flow(Fragile(), steps=20)
    run = caught.value.luxnb_run
    assert "luxnb took batch 7 of the data" in caught.value.__notes__
    assert run.step == 6 and run.latest.status == "failed"
    assert run.fit(steps=14).fingerprint == train(steps=20).fingerprint
    assert idle_threads() == []


def test_a_generator_that_raised_is_made_again_and_goes_on_where_it_was():
    made, failures = batches(), iter([True, True, False])

    def fragile(n):
        for i, batch in enumerate(made[n * 10 : n * 10 + 10]):
            if (n, i) == (1, 3) and next(failures):
                raise OSError("the disk is away")
            yield batch

    with pytest.raises(OSError, match="the disk is away") as caught:
        flow(fragile, steps=25)
    assert "luxnb took batch 4 of pass 2 of the data" in caught.value.__notes__
    run = caught.value.luxnb_run
    assert run.step == 13
    with pytest.raises(OSError, match="the disk is away"):
        run.fit(steps=12)
    assert run.fit(steps=12).fingerprint == train(steps=25).fingerprint


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([(np.ones(2), np.ones(2))] * 2, ValueError, "batch_size is for rows in memory"),
        (iter(()), ValueError, "the data hold no batch: there is nothing in tuple_iterator"),
        (iter(["a"]), TypeError, "data of a batch must be an array of numbers, got 'a'"),
        (iter([()]), ValueError, r"a batch must hold arrays, as \(x, y\) does, got \(\)"),
        (lambda: np.ones(3), TypeError, r"must return an iterable of batches, got f64\[3\]"),
        (lambda a, b: None, TypeError, "wants 2 arguments"),
        (lx.Dense(1, 1), ValueError, "the data hold no array"),
    ],
)
def test_what_is_no_stream(data, error, message):
    size = 2 if isinstance(data, list) else None
    with pytest.raises(error, match=message):
        flow(data, steps=1, batch_size=size)


def test_what_stream_refuses():
    with pytest.raises(TypeError, match="a data set of single samples needs a loader"):
        lx.stream(torch.utils.data.TensorDataset(torch.ones(3)))
    with pytest.raises(TypeError, match=r"an iterable of batches.*got f64\[3\]"):
        lx.stream(np.ones(3))


# -- what is a stream ---------------------------------------------------------------------------


def test_numbers_of_16_bits():
    x, y = np.full((4, 2), 60000, np.float16), np.ones((4, 1), jnp.bfloat16)
    bad = np.full((4, 1), jnp.nan, jnp.bfloat16)

    def objective(model, ps, st, batch):
        return jnp.sum(batch[1].astype(jnp.float32)) + 0 * ps.weight.sum(), st, {}

    given = {"loss": objective, "optimizer": SGD, "steps": 2}
    run = lx.fit(lx.Dense(1, 1), [(x, y)], **given)
    assert run.history["loss"].tolist() == [4, 4], "the sum of x is more than float16 can hold"
    with pytest.raises(ValueError, match=r"batch 2: data\[1\] holds nan in row 0"):
        lx.fit(lx.Dense(1, 1), [(x, y), (x, bad)], **given)


def test_a_list_of_arrays_is_rows_unless_it_is_said_to_be_a_stream():
    made = [np.full((4, 1), value, np.float32) for value in (1, 2, 3)]

    def objective(model, ps, st, batch):
        return jnp.sum(jnp.asarray(batch)) + 0 * ps.weight.sum(), st, {}

    given = {"loss": objective, "optimizer": SGD, "steps": 3}
    run = lx.fit(lx.Dense(1, 1), made, batch_size=4, **given)
    assert run.history["loss"].tolist() == [24, 24, 24]
    run = lx.fit(lx.Dense(1, 1), lx.stream(made), **given)
    assert run.history["loss"].tolist() == [4, 8, 12]
    run = lx.fit(lx.Dense(1, 1), [lx.Tree(x=x) for x in made], **given | {"loss": of_tree})
    assert run.history["loss"].tolist() == [4, 8, 12]


def of_tree(model, ps, st, batch):
    return jnp.sum(batch.x) + 0 * ps.weight.sum(), st, {}


def test_what_a_stream_says_of_itself():
    data = lx.stream(Loader(batches()[:3]))
    assert repr(data) == "stream(Loader) of (f32[16,2], i32[16])"
    assert data.describe() == {
        "kind": "stream",
        "type": "Loader",
        "steps_per_epoch": 3,
        "batch": {"data[0]": "f32[16,2]", "data[1]": "i32[16]"},
    }
    assert lx.stream(iter(batches())).describe()["steps_per_epoch"] is None
