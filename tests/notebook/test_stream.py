"""What a page is told: against buckets computed one by one, and a page that only obeys frames."""

import json
import math

import numpy as np
import pytest

from luxnb.notebook.stream import CAPACITY, PATIENCE, PER_FRAME, WINDOW, Gate, Stream, buckets
from tests.notebook.fake_run import FakeRun


def one_by_one(rows, stride):
    """Minimum, maximum and mean of the finite values of each bucket, by Python's own arithmetic."""
    result = []
    for column in np.asarray(rows, float).T:
        triples = []
        for start in range(0, len(column), stride):
            finite = [v for v in column[start : start + stride] if math.isfinite(v)]
            mean = math.fsum(finite) / len(finite) if finite else math.nan
            triples.append((min(finite, default=math.nan), max(finite, default=math.nan), mean))
        result.append(np.array(triples, np.float32).reshape(-1, 3).T)
    return np.array(result, np.float32)


class PretendedPage:
    """Keeps of each metric what the frames say, and halves its buckets when the stride doubles."""

    def __init__(self):
        self.data = np.zeros((0, 3, 0), np.float32)
        self.stride = 1
        self.seq = None

    def hear(self, header, buffers):
        metrics = len(header["names"]) if header.get("snapshot") else len(self.data)
        if header.get("snapshot"):
            self.data, self.stride = np.zeros((metrics, 3, 0), np.float32), header["stride"]
        else:
            assert header["seq"] == self.seq + 1
        while self.stride < header["stride"]:
            pairs = self.data[..., : self.data.shape[-1] // 2 * 2].reshape(metrics, 3, -1, 2)
            low, high = pairs[:, 0].min(-1), pairs[:, 1].max(-1)
            self.data = np.stack([low, high, pairs[:, 2].mean(-1)], axis=1)
            self.stride *= 2
        new = np.frombuffer(buffers[0], "<f4").reshape(metrics, 3, -1)
        assert header["first"] <= self.data.shape[-1]  # no gap
        self.data = np.concatenate([self.data[..., : header["first"]], new], axis=-1)
        self.seq, self.rows = header["seq"], header["rows"]


def noise(rows, metrics=2, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, metrics)).astype(np.float32)


@pytest.mark.parametrize("stride", [1, 2, 8])
@pytest.mark.parametrize("rows", [0, 1, 7, 8, 61])
def test_buckets_hold_minimum_maximum_and_mean(rows, stride):
    data = noise(rows)
    np.testing.assert_allclose(buckets(data, stride), one_by_one(data, stride), rtol=1e-6)


@pytest.mark.parametrize("stride", [1, 4])
def test_buckets_ignore_nan_and_infinity_and_are_nan_without_any_finite_value(stride):
    data = noise(22)
    data[3:5, 0], data[9, 0], data[8:16, 1] = np.nan, np.inf, -np.inf
    np.testing.assert_allclose(buckets(data, stride), one_by_one(data, stride), rtol=1e-6)


def test_the_mean_of_huge_values_does_not_overflow():
    data = np.full((8, 1), 3e38, np.float32)
    np.testing.assert_allclose(buckets(data, 8), np.full((1, 3, 1), 3e38), rtol=1e-6)


def test_a_growing_run_is_told_without_gaps_and_old_history_is_never_destroyed():
    run, stream, page = FakeRun(("loss", "accuracy")), Stream(), PretendedPage()
    rng, data = np.random.default_rng(1), noise(30_000)
    page.hear(*stream.frame(run, snapshot=True))
    while len(run.records) < len(data) or not stream.caught_up(run):
        at = len(run.records)
        run.add(data[at : at + int(rng.integers(0, 700))])
        header, buffers = stream.frame(run)
        page.hear(header, buffers)
        assert len(buffers[0]) <= 2 * 3 * 4 * PER_FRAME
    assert page.rows == len(data)
    assert page.stride == 16  # the smallest power of two with at most CAPACITY buckets
    np.testing.assert_allclose(page.data, one_by_one(data, 16), rtol=1e-4, atol=1e-5)


def test_new_points_fill_the_last_bucket():
    run, stream, page = FakeRun(), Stream(), PretendedPage()
    run.add(noise(CAPACITY + 1, 1))
    page.hear(*stream.frame(run, snapshot=True))
    assert page.stride == 2
    for more in (1, 1, 1):
        run.add(noise(more, 1, seed=len(run.records)))
        page.hear(*stream.frame(run))
        np.testing.assert_allclose(page.data, one_by_one(run.records.since(0), 2), rtol=1e-5)


def test_a_million_points_fit_into_one_snapshot_and_keep_every_spike():
    data = noise(1_000_000, 1)
    data[123_456] = 99
    run, stream, page = FakeRun(target=len(data)), Stream(), PretendedPage()
    run.add(data)
    header, sent = stream.frame(run, snapshot=True)
    page.hear(header, sent)
    assert header["rows"] == 1_000_000
    assert page.data.shape[-1] <= CAPACITY
    assert page.data[0, 1].max() == 99
    assert page.data[0, 0].min() == data.min()
    np.testing.assert_allclose(page.data, one_by_one(data, header["stride"]), atol=1e-6)


@pytest.mark.parametrize("metrics", [1, 3, 12])
def test_a_frame_is_at_most_8_kilobytes(metrics):
    run = FakeRun(tuple(f"a metric with a long name {i}" for i in range(metrics)))
    stream = Stream()
    stream.frame(run, snapshot=True)
    run.add(noise(5_000, metrics))
    run.set(message="stopped: the loss became nan at step 137", steps_per_second=1234.5678)
    header, buffers = stream.frame(run)
    assert len(json.dumps(header)) + sum(map(len, buffers)) <= 8_000


def test_the_header_tells_how_the_run_stands_and_is_json_whatever_the_numbers():
    run, stream = FakeRun(("loss",), target=9), Stream()
    run.add([[1.0], [float("nan")]])
    run.set(status="training", steps_per_second=float("inf"), seconds=float("nan"))
    header, buffers = stream.frame(run, snapshot=True)
    told = json.loads(json.dumps(header, allow_nan=False))
    assert (told["status"], told["active"], told["step"], told["target"]) == (
        "training",
        True,
        2,
        9,
    )
    assert told["steps_per_second"] is None and told["seconds"] is None
    assert told["names"] == ["loss"]
    assert np.isnan(np.frombuffer(buffers[1], "<f4")).all()  # the last value is what it is


def test_metrics_that_become_known_later_start_a_snapshot():
    run, stream = FakeRun(()), Stream()
    assert stream.frame(run, snapshot=True)[0]["names"] == []
    run.records = FakeRun(("loss",)).records
    run.add([[1.0]])
    assert stream.frame(run)[0]["names"] == ["loss"]


def test_caught_up_means_rows_and_status():
    run, stream = FakeRun(), Stream()
    assert not stream.caught_up(run)
    stream.frame(run, snapshot=True)
    assert stream.caught_up(run)
    run.set(status="paused")
    assert not stream.caught_up(run)
    stream.frame(run)
    run.add([[1.0]])
    assert not stream.caught_up(run)


def test_the_gate_opens_with_a_greeting():
    gate = Gate()
    assert not gate.is_open(0.0)
    gate.greet()
    assert gate.is_open(0.0)


def test_the_gate_closes_when_the_window_is_full_and_opens_on_acknowledgement():
    gate = Gate()
    gate.greet()
    for seq in range(WINDOW):
        assert gate.is_open(0.1)
        gate.sent(seq, 0.1)
    assert not gate.is_open(0.1)
    gate.acknowledge(0)
    assert gate.is_open(0.1)


def test_the_gate_closes_without_an_acknowledgement_and_opens_for_a_late_one():
    gate = Gate()
    gate.greet()
    gate.sent(1, 0.0)
    assert gate.is_open(PATIENCE - 0.01)
    assert not gate.is_open(PATIENCE)
    gate.acknowledge(1)
    assert gate.is_open(1000.0)


def test_a_page_that_is_only_idle_is_not_given_up():
    gate = Gate()
    gate.greet()
    gate.sent(1, 0.0)
    gate.acknowledge(1)
    assert gate.is_open(3600.0)  # a long pause: nothing was sent, so nothing is missing


def test_a_new_greeting_forgets_what_was_under_way():
    gate = Gate()
    gate.greet()
    gate.sent(1, 0.0)
    gate.greet()
    assert gate.is_open(100.0)
