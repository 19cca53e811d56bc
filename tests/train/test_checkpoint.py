"""A saved run: what is in the file, who can read it, and that it goes on to the bit elsewhere."""

import json
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import optax
import pytest
from safetensors import safe_open

import luxnb as lx
from luxnb.train.checkpoint import container
from luxnb.train.checkpoint.names import layout, named, rebuilt
from tests.train.conftest import ADAM, CONV, MLP, SGD, images, points, train

LR = optax.inject_hyperparams(optax.adam)(learning_rate=1e-2)


def given(model=MLP, **changes):
    """What `train` gives to fit, as load takes it."""
    return {
        "model": model,
        "data": images() if model is CONV else points(),
        "loss": lx.losses.cross_entropy,
        "optimizer": ADAM,
        "metrics": {"accuracy": lx.metrics.accuracy},
    } | changes


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.safetensors"


# -- what is in the file ------------------------------------------------------------------------

WIDE = {
    "float32": np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32),
    "transposed": np.arange(6.0).reshape(2, 3).T,
    "big-endian": np.arange(3, dtype=">i4"),
    "bfloat16": np.array([1.5, -np.inf, np.nan], ml_dtypes.bfloat16),
    "float8_e4m3fn": np.array([1.5, -2], ml_dtypes.float8_e4m3fn),
    "float8_e4m3fnuz": np.array([[1.5, -2]], ml_dtypes.float8_e4m3fnuz),
    "int4": np.array([-8, 7, 0], ml_dtypes.int4),
    "uint4": np.array(15, ml_dtypes.uint4),
    "bool": np.array([True, False]),
    "complex64": np.array([1 + 2j], np.complex64),
    "complex128": np.array(3 - 4j),
    "int64": np.array(-(2**62)),
    "empty": np.zeros((0, 3), np.float16),
    "a %.ä": np.array(0, np.uint8),
}


def test_every_kind_of_array_comes_back_to_the_bit(file):
    container.write(file, WIDE, {"note": 'ä"\\'})
    arrays, metadata = container.read(file)
    assert list(arrays) == list(WIDE) and metadata["note"] == 'ä"\\'
    for name, array in WIDE.items():
        native = array.astype(array.dtype.newbyteorder("=")) if name == "big-endian" else array
        assert (arrays[name].dtype, arrays[name].shape) == (native.dtype, array.shape), name
        assert arrays[name].tobytes() == native.tobytes(), name


def test_safetensors_reads_it_by_names(file):
    """By the library alone, without luxnb."""
    run = train(steps=9, validation=points(seed=1))
    run.save(file)
    with safe_open(file, "np") as opened:
        names, metadata = set(opened.keys()), json.loads(opened.metadata()["luxnb"])
        weight = opened.get_tensor("params.layer_1.weight")
        mean = opened.get_tensor("optimizer_state.0.mu.layer_1.weight")
        key = opened.get_tensor("state.layer_3.key")
        history = opened.get_tensor("history")
    assert np.array_equal(weight, run.params.layer_1.weight)
    assert np.array_equal(mean, run.ts.optimizer_state[0].mu.layer_1.weight)
    assert key.dtype == np.uint32
    assert np.array_equal(key, jax.random.key_data(run.state.layer_3.key))
    assert np.array_equal(history[:, 0], run.history["loss"])
    assert {"step", "validation", "best.params.layer_4.bias", "best.value"} <= names
    assert metadata["step"] == 9 and metadata["names"] == ["loss", "accuracy"]
    assert metadata["keys"]["state.layer_3.key"] == "threefry2x32"
    assert metadata["layout"]["state.layer_3.mode"] == "mode.train"
    assert metadata["recipe"]["seed"] == 3


def test_a_checkpoint_needs_no_model(file):
    run = train(steps=9, validation=points(seed=1))
    run.save(file)
    checkpoint = lx.load(file)
    for part in ("params", "state"):
        saved, there = getattr(checkpoint, part), getattr(run, part)
        assert jax.tree.structure(saved) == jax.tree.structure(there)
        assert same(saved, there)
    assert (checkpoint.step, checkpoint.target) == (9, 9)
    assert np.array_equal(checkpoint.history["accuracy"], run.history["accuracy"])
    assert checkpoint.validation.steps.tolist() == [6]
    assert checkpoint.interventions == () and checkpoint.versions["jax"] == jax.__version__
    y, _ = MLP(points()[0], checkpoint.params, lx.testmode(checkpoint.state))
    np.testing.assert_allclose(y, run.predict(points()[0]), atol=1e-6)  # eager, and compiled
    assert repr(checkpoint).endswith("run.safetensors: step 9 of 9, loss=1.099, accuracy=0.375>")


def same(a, b) -> bool:
    a, b = named(a), named(b)
    return list(a) == list(b) and all(np.array_equal(numbers(a[n]), numbers(b[n])) for n in a)


def numbers(leaf):
    is_key = jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
    return np.asarray(jax.random.key_data(leaf) if is_key else leaf)


def test_names_and_layouts_of_any_state():
    tree = lx.Tree(
        carry=(np.ones(2), [np.zeros(1), lx.Tree()]),
        nothing=None,
        mode=lx.Mode.TEST,
        below=lx.Tree(empty=lx.Tree(), last=np.ones(1)),
    )
    leaves = {f"state.{name}": leaf for name, leaf in named(tree).items()}
    assert list(leaves) == ["state.carry.0", "state.carry.1.0", "state.below.last"]
    again = rebuilt(leaves, layout(tree, "state"), "state")
    assert jax.tree.structure(again) == jax.tree.structure(tree)
    assert list(named({"a.b": 1, "a%2Eb": 2, "c": {"d": 3}})) == ["a%252Eb", "a%2Eb", "c.d"]


def test_keys_of_other_kinds(file):
    model = lx.Chain(lx.Dense(2, 3), lx.Dropout(0.5))
    ps, st = model.init(jax.random.key(7, impl="rbg"))
    run = train(model, params=ps, state=st, steps=2)
    run.save(file)
    key = lx.load(file).state.layer_2.key
    assert key.dtype == st.layer_2.key.dtype and same([key], [run.state.layer_2.key])


def test_the_view_of_a_checkpoint(file):
    train(steps=9, validation=points(seed=1)).save(file)
    alone, with_model = lx.load(file), lx.load(file, MLP)
    text = str(alone)
    assert "weight f32[2,8]" in text and "Step 9 of 9 · loss 1.099 · accuracy 0.375" in text
    assert "the best, at step 6, is kept" in " ".join(text.split())
    assert "layer_2  BatchNorm(8)" in str(with_model)
    html = with_model._repr_mimebundle_()["text/html"]
    assert "Step 9 of 9" in html and "<script" not in html
    assert str(alone) == text == str(lx.load(file))


def test_views_escape_what_a_stranger_wrote(file):
    train(steps=1).save(file)
    arrays, metadata = container.read(file)
    metadata |= {"versions": {"luxnb": "<script>1</script>\x1b[2J"}, "names": ["<b>loss", "a"]}
    container.write(file, arrays, metadata)
    bundle = lx.load(file)._repr_mimebundle_()
    assert "<script>" not in bundle["text/html"] and "\x1b" not in bundle["text/plain"]
    assert "<b>loss" not in bundle["text/html"]


# -- going on -----------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, {"loss": lx.losses.cross_entropy, "optimizer": ADAM}])
def test_it_goes_on_in_mid_epoch(file, more):
    """With loss, optimiser and metrics, and without: the file knows the names of those."""
    straight = train(steps=20)
    train(steps=8).save(file)
    run = lx.load(file, MLP, data=points(), **more)
    assert run.latest.status == "done" and run.step == 8 and run.task.seed == 3
    assert run.fit(steps=12) is run
    assert lx.compare(run, straight).identical
    assert lx.compare(run.rerun(), straight).identical


def test_options_go_on(file):
    """Averaged parameters and two parts a step, as extras of the TrainState."""
    run = train(average=0.9, accumulate=2, compute_dtype=jnp.float16, steps=5)
    run.save(file)
    loaded = lx.load(file, MLP, data=points())
    assert loaded.task.options == run.task.options and len(loaded.ts.extras)
    assert loaded.fit(steps=6).fingerprint == run.fit(steps=6).fingerprint


ELSEWHERE = """
import sys
import luxnb as lx
from tests.train.test_checkpoint import LR, MLP, CONV, given, points
model = MLP if sys.argv[2] == "MLP" else CONV
more = {"optimizer": LR, "validation": lx.Validation(points(seed=1), steps=7)}
more = more if model is MLP else {}
run = lx.load(sys.argv[1], **given(model, **more))
run.fit(steps=13)
print(run.fingerprint, run.validation.since(0).tobytes().hex(), run.best and run.best.step)
print(run.rerun().fingerprint)
"""


@pytest.mark.parametrize("name", ["MLP", "CONV"])
def test_it_goes_on_to_the_bit_in_a_new_process(name, file):
    """In mid-epoch, with a hyper-parameter set on the way, validations and the best of them."""
    model = MLP if name == "MLP" else CONV
    more = {}
    if model is MLP:
        more = {"optimizer": LR, "validation": lx.Validation(points(seed=1), steps=7)}
    run = train(model, steps=5, **more)
    if model is MLP:
        run.set(learning_rate=3e-3)
    run.fit(steps=5)
    run.save(file)
    run.fit(steps=13)
    found = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(file), name],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=Path(__file__).parents[2],
    )
    assert found.returncode == 0, found.stderr
    validations, best = run.validation.since(0).tobytes().hex(), run.best and run.best.step
    straight = f"{run.fingerprint} {validations} {best}"
    assert found.stdout.splitlines() == [straight, run.fingerprint]


def test_a_run_from_given_parameters_goes_on_and_is_repeated(file):
    ps, st = MLP.init(5)
    ps = lx.cast(ps, jnp.bfloat16)
    run = train(params=ps, state=st, steps=5)
    run.save(file)
    loaded = lx.load(file, **given())
    assert loaded.params.layer_1.weight.dtype == jnp.bfloat16
    assert loaded.fit(steps=4).fingerprint == run.fit(steps=4).fingerprint
    assert loaded.rerun().fingerprint == run.fingerprint


def test_a_fork_goes_on_and_is_repeated(file):
    run = train(optimizer=LR, steps=5)
    run.set(learning_rate=1e-3)
    fork = run.fit(steps=4).fork(7, optimizer=LR)
    fork.set(learning_rate=2e-3)
    fork.fit(steps=4).save(file)
    loaded = lx.load(file, **given(optimizer=LR))
    assert loaded.interventions == fork.interventions
    assert loaded.rerun().fingerprint == fork.rerun().fingerprint == fork.fingerprint
    assert loaded.fit(steps=2).fingerprint == fork.fit(steps=2).fingerprint


def test_modes_are_kept(file):
    ps, st = MLP.init(5)
    run = train(params=ps, state=lx.testmode(st), steps=3)
    run.save(file)
    loaded = lx.load(file, **given())
    assert loaded.state.layer_3.mode is lx.Mode.TEST
    assert loaded.fit(steps=2).fingerprint == run.fit(steps=2).fingerprint


def test_a_key_as_seed(file):
    run = train(seed=jax.random.key(9), steps=5)
    run.save(file)
    assert lx.load(file, **given()).fit(steps=4).fingerprint == run.fit(steps=4).fingerprint


# -- what does not belong together --------------------------------------------------------------

WIDER = lx.Chain(lx.Dense(2, 16, jax.nn.relu), *MLP[1:])
DEEPER = lx.Chain(*MLP, lx.Dense(3, 3))
UNDROPPED = lx.Chain(*MLP[:2], lx.Identity(), MLP[3])
ACTIVATED = lx.Chain(lx.Dense(2, 8, jnp.tanh), *MLP[1:])
OTHER = points(seed=1)


def smoothed(logits, labels):
    return lx.losses.cross_entropy(logits, labels, label_smoothing=0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 4}, r"with other seed, seed: 3 against 4\. Give the same .* accept=\['seed'\]"),
        ({"batch_size": 8}, "with other data, data.batch_size: 16 against 8"),
        ({"data": tuple(a[:50] for a in points())}, "with other data, data.rows: 96 against 50"),
        ({"data": OTHER}, r"data, data.arrays.data\[0\].sha256: \w{12}… against \w{12}…"),
        ({"metrics": None}, "a history of loss, accuracy, and this training one of loss: give"),
        ({"optimizer": optax.adam(1e-3)}, "other optimizer, .*step_size: -0.01 against -0.001"),
        ({"loss": smoothed}, "other loss, loss.name: luxnb.losses.cross_entropy against "),
        ({"accumulate": 2}, "with other options, options.accumulate: 1 against 2"),
        ({"model": ACTIVATED}, r"with other model, model: .*relu\)?, .* against .*tanh"),
        ({"average": 0.9}, "trained with other options: the options has extras.average"),
        (
            {"optimizer": SGD},
            r"trained by another optimizer: the checkpoint has optimizer_state.0.count i32\[\], "
            "and the optimizer has not",
        ),
        (
            {"model": DEEPER},
            r"of another model: the model has params.layer_5.weight f32\[3,3\], and the checkpoint "
            "has not",
        ),
        ({"model": None}, "give also model=, as fit got it"),
        ({"data": None}, "give also data=, as fit got it"),
        ({"steps": 3}, r"say steps afterwards: lx.load\(…\).fit\(steps=3\)"),
        ({"params": 1}, "params is in the file: leave it out"),
        ({"sed": 3}, "fit has no argument 'sed'; did you mean 'seed'"),
        ({"accept": "data"}, r"accept is some of seed, data, .*, as accept=\['data'\]"),
        ({"accept": ["dat"]}, "accept is some of seed, data, model, loss, optimizer, options"),
    ],
)
def test_what_would_not_go_on_alike_is_refused(file, changes, message):
    train(steps=2).save(file)
    with pytest.raises((ValueError, TypeError), match=message):
        lx.load(file, **given(**changes))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (WIDER, r"the checkpoint has params.layer_1.weight f32\[2,8\], the model f32\[2,16\]"),
        (UNDROPPED, r"the checkpoint has state.layer_3.key key\[\], and the model has not"),
        (lx.Chain(first=lx.Dense(2, 8)), r"the model has params.first.weight f32\[2,8\], and the"),
    ],
)
def test_another_model_is_named(file, model, message):
    train(steps=2).save(file)
    with pytest.raises(ValueError, match="is of another model: .*" + message):
        lx.load(file, model)


def test_what_is_accepted(file):
    train(steps=4).save(file)
    run = lx.load(file, **given(data=OTHER, seed=5), accept=["data", "seed"]).fit(steps=2)
    assert run.step == 6 and run.task.seed == 5


def test_validations_must_go_on(file):
    train(steps=9, validation=points(seed=1)).save(file)
    with pytest.raises(ValueError, match="has validations of loss, accuracy, and this training no"):
        lx.load(file, **given())


def test_a_newer_format_says_so(file, monkeypatch):
    monkeypatch.setattr(container, "FORMAT", 2)
    train(steps=1).save(file)
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"by a newer luxnb \(.*, format 2; this one reads up to"):
        lx.load(file)


def test_a_file_that_is_not_there(tmp_path):
    train(steps=1).save(tmp_path / "digits.safetensors")
    with pytest.raises(FileNotFoundError, match=r"no checkpoint .*; did you mean 'digits.safet"):
        lx.load(tmp_path / "digit.safetensors")
