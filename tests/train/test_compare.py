"""compare tells where two runs part."""

import jax
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.compare.parting import first_leaves
from luxnb.train.run import Run
from luxnb.train.running.intervention import Intervention
from tests.train.conftest import MLP, SGD, points, train


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


# -- the first step and array, and why ------------------------------------------------------------

TUNED = optax.inject_hyperparams(optax.adam)(learning_rate=1e-2)


def test_what_was_set_is_the_first_array_that_differs():
    a = train(steps=24, optimizer=TUNED)
    b = Run(a.task, replayed=[Intervention(13, "set", {"learning_rate": 1e-3})], until=24)
    found = lx.compare(a, b.fit(steps=24))
    assert found.step == 14 and found.metric == "learning_rate"
    assert found.parted.step == 13
    (leaf,) = found.parted.leaves
    assert leaf.path == "optimizer_state.hyperparams.learning_rate"
    assert leaf.largest == float(np.float32(1e-2)) - float(np.float32(1e-3))
    (each,) = found.differences
    assert str(each) == "interventions[0]: nothing against set(learning_rate=0.001) at step 13"
    assert "the first arrays that differ, after step 13:" in repr(found)


def test_the_largest_difference_comes_first():
    found = lx.compare(train(steps=5), train(steps=5, seed=4))
    sizes = [leaf.largest for leaf in found.parted.leaves if not np.isnan(leaf.largest)]
    assert found.parted.step == 0 and sizes == sorted(sizes, reverse=True)
    left, right = MLP.init(3)[0], MLP.init(4)[0]
    pairs = zip(jax.tree.leaves(left), jax.tree.leaves(right), strict=True)
    wanted = max(np.abs(np.asarray(p) - np.asarray(q)).max() for p, q in pairs)
    assert sizes[0] == wanted
    assert [str(each) for each in found.differences] == ["seed: 3 against 4"]


@pytest.mark.parametrize("parted", [0, 1, 2, 5, 6, 7, 30])
@pytest.mark.parametrize("known", [30, 31, 37])
def test_the_first_step_is_found_wherever_it_is(parted, known):
    asked = []

    def at(step):
        asked.append(step)
        return {"a": np.float32(1.0), "b": np.float32(2.0)}

    def other_at(step):
        return {"a": np.float32(1.0), "b": np.float32(2.0 + (step >= parted))}

    found = first_leaves(at, other_at, 0, known)
    assert found.step == parted and [leaf.path for leaf in found.leaves] == ["b"]
    assert found.leaves[0].largest == 1 and len(asked) <= 12
    assert min(asked) >= 0 and max(asked) <= known
    assert first_leaves(at, at, 0, known) is None


def test_a_stream_that_cannot_go_back():
    def run():
        batches = lx.batches(points(), batch_size=16, epochs=2)
        return lx.fit(MLP, batches, loss=lx.losses.cross_entropy, optimizer=SGD, steps=6)

    other = lx.batches(points(seed=1), batch_size=16, epochs=2)
    changed = lx.fit(MLP, other, loss=lx.losses.cross_entropy, optimizer=SGD, steps=6)
    assert lx.compare(run(), run()).identical
    found = lx.compare(run(), changed)
    assert not found and found.step == 1 and found.parted is None
    assert "which arrays differ first, nobody knows: the" in repr(found)


def test_of_several():
    runs = [train(steps=5), train(steps=5), train(steps=5, seed=4)]
    found = lx.compare(*runs)
    assert not found and len(found) == 2 and found[0] and not found[1]
    assert repr(found).startswith("of 2 runs, 1 is identical to the first\n1 and 2: identical to")
    assert "\n1 and 3: the runs part at step 1: loss" in repr(found)
    assert lx.compare(runs[0], runs[1], runs[0])
    with pytest.raises(TypeError, match="compare takes two runs or more"):
        lx.compare(runs[0])
    with pytest.raises(TypeError, match="compare takes runs, checkpoints and recipes, got f32"):
        lx.compare(runs[0], np.ones(2, np.float32))


# -- from elsewhere -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("jax", "0.12.0", "environment.jax: {} against 0.12.0"),
        ("device", "NVIDIA H100", "environment.device: {} against NVIDIA H100"),
        ("cpu_threads", 96, "environment.cpu_threads: {} against 96"),
        ("XLA_FLAGS", "--x", "environment.XLA_FLAGS: '' against --x"),
    ],
)
def test_recipes_of_another_machine(name, value, line):
    run = train(steps=5)
    other = run.recipe.to_dict()
    line = line.format(other["environment"][name])
    other["environment"][name] = value
    same = lx.compare(run, lx.Recipe(other))
    assert same and "although these differ:" in repr(same) and line in repr(same)
    other["result"] |= {"fingerprint": "0" * 64}
    other["result"]["milestones"][2]["metrics"]["loss"] = "3f800000"
    found = lx.compare(lx.Recipe(other), run.recipe.to_dict())
    assert not found and found.step == 4 and found.values[0] == 1.0
    assert [each.path for each in found.differences] == [f"environment.{name}"]
    assert "the recipes differ:" in repr(found)


def test_with_a_checkpoint(tmp_path):
    run = train(steps=5)
    run.save(tmp_path / "run.safetensors")
    checkpoint = lx.load(tmp_path / "run.safetensors")
    assert lx.compare(run, checkpoint) and lx.compare(checkpoint, run.rerun())
    found = lx.compare(checkpoint, train(steps=5, seed=4))
    assert not found and found.step == 1
    assert "params.layer_1.weight" in {leaf.path for leaf in found.leaves}
    assert found.parted is None and not found.unknown
