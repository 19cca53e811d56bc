"""Data on the host: the bits of data on the device."""

import hashlib
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import luxnb as lx
from luxnb.train.compare.fingerprint import leaves_of
from luxnb.train.feed import choose, digest
from luxnb.train.feed.hosted import Hosted
from luxnb.train.feed.resident import Resident
from tests.train.conftest import CONV, MLP, images, points, train


def of(model):
    return images() if model is CONV else points()


def same(a, b):
    """Whether two runs stand at the same bits, wherever they began."""
    left, right = leaves_of(a.ts), leaves_of(b.ts)
    return {k: v.tobytes() for k, v in left.items()} == {k: v.tobytes() for k, v in right.items()}


@pytest.mark.parametrize("batch_size", [7, 16])
@pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])
def test_the_bits_are_those_of_data_on_the_device(model, batch_size):
    """Over several epochs, of which 7 leaves rows over, and with dropout."""
    data = of(model)
    there = train(model, lx.on_host(data), steps=25, batch_size=batch_size)
    assert isinstance(there.task.feed, Hosted)
    here = train(model, data, steps=25, batch_size=batch_size)
    assert there.fingerprint == here.fingerprint


@pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])
def test_going_on_in_the_middle_of_an_epoch(model):
    straight = train(model, of(model), steps=23)
    run = train(model, lx.on_host(of(model)), steps=9)
    run.fit(steps=3)
    assert run.fit(steps=11).fingerprint == straight.fingerprint
    assert run.rerun().fingerprint == straight.fingerprint
    start = train(model, lx.on_host(of(model)), steps=11).ts
    assert same(train(model, lx.on_host(of(model)), start=start, steps=12), run)


def test_blocks_smaller_than_what_the_engine_takes(monkeypatch):
    straight = train(steps=50)
    monkeypatch.setattr("luxnb.train.feed.form.MOST_STEPS", 3)
    run = train(data=lx.on_host(points()), steps=50)
    assert run.task.feed.arrays[0].shape == (3, 16, 2)
    assert run.fingerprint == straight.fingerprint


def test_a_memory_map_is_read_where_it_lies(tmp_path):
    x, y = points()
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    run = train(data=lx.on_host((mapped, y)), steps=12)
    assert run.task.feed.data[0] is mapped
    assert run.fingerprint == train(steps=12).fingerprint


def test_numbers_of_64_bits_become_those_of_the_device():
    x, y = points()
    wide = x.astype(np.float64) / 3, y.astype(np.int64)
    assert (
        train(data=lx.on_host(wide), steps=8).fingerprint == train(data=wide, steps=8).fingerprint
    )


class Batch(NamedTuple):
    x: np.ndarray
    y: np.ndarray


FORMS = {
    "dict": lambda x, y: {"x": x, "y": y},
    "named tuple": Batch,
    "Tree": lambda x, y: lx.Tree(x=x, inner=lx.Tree(y=y)),
    "single": lambda x, y: np.hstack([x, y[:, None]]),
    "nested": lambda x, y: {"a": (x[:, :1], [x[:, 1]]), "b": y},
}


@pytest.mark.parametrize("form", FORMS)
def test_any_pytree(form):
    """The loss is that of the rows that `lx.batches` gives, computed with NumPy."""
    data = FORMS[form](*points(20))

    def objective(model, ps, st, batch):
        y, st = model(jnp.ones((1, 1)), ps, st)
        return sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(batch)) + 0 * y.sum(), st, {}

    given = {"loss": objective, "optimizer": optax.sgd(0.0), "seed": 2}
    expected = [
        sum(np.sum(np.asarray(leaf, np.float64) ** 2) for leaf in jax.tree.leaves(batch))
        for batch in lx.batches(data, batch_size=4, epochs=2, seed=2)
    ]
    for each in (data, lx.on_host(data)):
        run = lx.fit(lx.Dense(1, 1), each, batch_size=4, epochs=2, **given)
        np.testing.assert_allclose(run.history["loss"], expected, rtol=1e-5)
    stream = list(lx.batches(data, batch_size=4, epochs=2, seed=2))
    run = lx.fit(lx.Dense(1, 1), lx.stream(stream), steps=10, **given)
    np.testing.assert_allclose(run.history["loss"], expected, rtol=1e-5)


def test_tensors_of_pytorch_are_rows_too():
    x, y = points()
    tensors = torch.from_numpy(x).requires_grad_(), torch.from_numpy(y)
    straight = train(steps=8).fingerprint
    assert train(data=tensors, steps=8).fingerprint == straight
    assert train(data=lx.on_host(tensors), steps=8).fingerprint == straight


def test_large_data_stay_on_the_host(monkeypatch):
    monkeypatch.setattr(choose, "device_memory", lambda: 2000.0)
    assert isinstance(choose.feed_of(points(), 16), Hosted)  # 96 · 12 bytes are more than 40 %
    monkeypatch.setattr(choose, "device_memory", lambda: 3000.0)
    assert isinstance(choose.feed_of(points(), 16), Resident)
    monkeypatch.setattr(choose, "device_memory", lambda: 1.0)
    on_device = tuple(map(jnp.asarray, points()))
    assert isinstance(choose.feed_of(on_device, 16), Resident)


def test_the_memory_of_the_device_is_known_or_without_end():
    assert choose.device_memory() > 2**28


def test_another_batch_size_for_a_rerun():
    run = train(data=lx.on_host(points()), steps=6)
    again = run.rerun(batch_size=32)
    assert again.task.feed.batch_size == 32 and isinstance(again.task.feed, Hosted)


def test_a_value_that_is_not_finite_ends_the_run_after_the_steps_before(monkeypatch):
    """It is in the last batch of the epoch, and found when it is gathered."""
    monkeypatch.setattr("luxnb.train.feed.form.MOST_STEPS", 1)
    x = np.arange(12, dtype=np.float32)[:, None]
    last = np.asarray(list(lx.batches(x, batch_size=2, seed=3))[-1])[0, 0]
    x[int(last)] = np.nan
    with pytest.raises(
        ValueError, match=r"data\[0\] holds nan in row \d; drop such rows"
    ) as caught:
        lx.fit(
            lx.Dense(1, 1), lx.on_host((x, x)), loss=lx.losses.mse, optimizer=optax.sgd(0.0),
            batch_size=2, seed=3, steps=9,
        )  # fmt: skip
    assert caught.value.luxnb_run.step == 5


def test_how_feeds_show():
    here, there = (choose.feed_of(data, 16) for data in (points(), lx.on_host(points())))
    assert repr(here) == "rows of (f32[96,2], i32[96]), in batches of 16"
    assert repr(there) == "rows of (f32[96,2], i32[96]) on the host, in batches of 16"


def test_what_on_host_refuses():
    x, y = points()
    with pytest.raises(ValueError, match=r"data\[0\] has 96 rows, data\[1\] has 95 rows"):
        lx.on_host((x, y[:-1]))
    with pytest.raises(TypeError, match=r"data\[1\] must be an array with one row a sample"):
        lx.on_host((x, 3))
    with pytest.raises(ValueError, match="batch_size = 97 is more than the 96 rows"):
        train(data=lx.on_host((x, y)), batch_size=97, steps=1)


def test_the_digest_is_that_of_the_bytes_wherever_they_are():
    x, y = points()
    expected = {
        "data[0]": {"shape": [96, 2], "dtype": "float32", "sha256": _sha(x)},
        "data[1]": {"shape": [96], "dtype": "int32", "sha256": _sha(y)},
    }
    wide, turned = x.astype(np.float64), np.asfortranarray(x)
    for data in ((x, y), lx.on_host((x, y)), (wide, y.astype(np.int64)), lx.on_host((turned, y))):
        feed = choose.feed_of(data, 16)
        said = feed.describe()
        assert said == {"kind": "rows", "rows": 96, "batch_size": 16, "arrays": expected}
        assert feed.describe()["arrays"] is said["arrays"], "hashed once"


def _sha(array):
    return hashlib.sha256(array.tobytes()).hexdigest()


def test_a_digest_of_many_pieces(monkeypatch):
    monkeypatch.setattr(digest, "PIECE", 100)
    x = np.random.default_rng(0).normal(size=(37, 3, 2)).astype(np.float32)[::2]
    assert digest.sha256(x, np.dtype("float32")) == _sha(x)
