"""compare tells where two runs part."""

import numpy as np

import luxnb as lx
from tests.train.conftest import train


def test_identical():
    run = train(steps=12)
    found = lx.compare(run, run.rerun())
    assert found and found.identical and found.step is None and not found.leaves
    assert repr(found).startswith("identical to the bit: 12 steps of history and ")
    assert run.fingerprint[:12] in repr(found)


def test_another_seed_parts_at_the_first_step():
    a, b = train(steps=12), train(steps=12, seed=4)
    found = lx.compare(a, b)
    assert not found and found.step == 1 and found.metric == "loss"
    assert found.values == (float(a.history["loss"][0]), float(b.history["loss"][0]))
    assert "the runs part at step 1: loss" in str(found)
    paths = {d.path: d.largest for d in found.leaves}
    left, right = np.asarray(a.params.layer_4.bias), np.asarray(b.params.layer_4.bias)
    assert paths["params.layer_4.bias"] == np.float32(np.abs(left - right).max())
    assert "more of" in repr(found)


def test_one_bit_is_seen():
    """A rerun of which one step is altered by one bit in one row of the data."""
    a = train(steps=40)
    x, y = (np.asarray(v).copy() for v in a.task.feed.data)
    x.view(np.int32)[7, 0] ^= 1
    b = train(data=(x, y), steps=40)
    found = lx.compare(a, b)
    seen = next(
        step
        for step, batch in enumerate(
            lx.batches((np.arange(96, dtype=np.float32),), batch_size=16, seed=3, epochs=7), 1
        )
        if 7 in np.asarray(batch[0])
    )
    assert not found.identical
    assert found.step is None or found.step >= seen


def test_of_different_lengths():
    found = lx.compare(train(steps=12), train(steps=9))
    assert not found and found.step is None
    assert "identical for the 9 steps that both have" in repr(found)
    assert "one has 12 steps, the other 9" in repr(found)


def test_the_fingerprint_depends_on_everything():
    run = train(steps=3)
    first = run.fingerprint
    assert len(first) == 64 and first == run.fingerprint
    assert run.fit(steps=1).fingerprint != first
    again = train(steps=3)
    again.records._rows[0, 1] += 1  # a history that was tampered with
    assert again.fingerprint != first
