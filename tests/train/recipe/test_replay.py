"""replay says that a recipe comes out to the bit, or what differs, and from which step on."""

import functools
import json
import os
import struct
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from tests.train.conftest import ADAM, CONV, MLP, images, points, train
from tests.train.recipe.test_recipe import ROOT, mlp, one_bit, squared

TUNED = optax.inject_hyperparams(optax.adam)(learning_rate=1e-2)


@pytest.fixture(scope="module")
def recipe():
    return train(steps=9).recipe


def doctored(recipe, path, value):
    data = recipe.to_dict()
    *way, last = path.split(".")
    place = data
    for name in way:
        place = place[int(name) if name.isdigit() else name]
    place[int(last) if last.isdigit() else last] = value
    return data


@pytest.mark.parametrize("form", ["recipe", "dict", "json"])
def test_it_comes_out_to_the_bit(recipe, form):
    sent = {"recipe": recipe, "dict": recipe.to_dict(), "json": recipe.to_json()}[form]
    found = lx.replay(sent, MLP, points())
    assert found and found.identical and found.parted is None and not found.differences
    assert found.run.fingerprint == recipe["result"]["fingerprint"]
    assert repr(found).startswith("identical to the bit: 9 steps, and the fingerprint ")


def test_of_a_convolution_with_a_schedule_and_what_was_set():
    schedule = optax.warmup_cosine_decay_schedule(0.0, 1e-2, 3, 9)
    run = train(CONV, optimizer=optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule)),
                steps=6)  # fmt: skip
    assert lx.replay(run.recipe, CONV, images())
    run = train(steps=3, optimizer=TUNED)
    run.set(learning_rate=1e-3)
    run.fit(steps=4)
    found = lx.replay(run.recipe, MLP, points())
    assert found and found.run.interventions == run.interventions


def test_with_what_is_not_known_by_name():
    loss = functools.partial(lx.losses.cross_entropy, label_smoothing=0.1)
    assert lx.replay(train(steps=3, loss=loss).recipe, MLP, points())
    run = train(steps=3, loss=squared, optimizer=optax.adam(lambda step: 1e-2 / (step + 1)))
    with pytest.raises(
        ValueError, match=r"loss of the recipe is .*squared, a function of its auth"
    ):
        lx.replay(run.recipe, MLP, points())
    with pytest.raises(ValueError, match=r"too little of the optimizer\.chain\[1\].*learning_rate"):
        lx.replay(run.recipe, MLP, points(), loss=squared)
    optimizer = optax.adam(lambda step: 1e-2 / (step + 1))
    assert lx.replay(run.recipe, MLP, points(), loss=squared, optimizer=optimizer).identical


def test_a_metric_of_the_author():
    def share(logits, labels):
        return jnp.mean(logits.argmax(-1) == labels)

    run = train(steps=3, metrics={"accuracy": lx.metrics.accuracy, "share": share})
    with pytest.raises(
        ValueError, match=r"metrics\['share'\] of the recipe is .*share, a function"
    ):
        lx.replay(run.recipe, MLP, points())
    assert lx.replay(run.recipe, MLP, points(), metrics={"share": share})
    with pytest.raises(ValueError, match="the recipe has no metric 'shares'; did you mean 'share'"):
        lx.replay(run.recipe, MLP, points(), metrics={"shares": share})


def test_from_given_parameters():
    ps, st = MLP.init(7)
    run = train(steps=3, params=ps, state=st)
    assert lx.replay(run.recipe, MLP, points(), params=ps, state=st)
    with pytest.raises(ValueError, match=r"started from a TrainState at step 0 .*params=… and s"):
        lx.replay(run.recipe, MLP, points())
    with pytest.raises(ValueError, match="the run started from other parameters and state"):
        lx.replay(run.recipe, MLP, points(), params=MLP.init(8)[0], state=st)
    with pytest.raises(
        ValueError, match=r"started from model.init\(seed\): leave params and state"
    ):
        lx.replay(train(steps=3).recipe, MLP, points(), params=ps, state=st)


def test_options_of_a_step():
    run = train(steps=3, seed=jax.random.key(5), accumulate=2, average=0.9)
    assert run.recipe["options"]["accumulate"] == 2
    assert lx.replay(run.recipe, MLP, points())


def test_one_bit_of_the_data(recipe):
    found = lx.replay(recipe, MLP, one_bit())
    (each,) = found.differences
    assert each.path == "data.arrays.data[0].sha256" and not found.identical
    assert "data.arrays.data[0].sha256: " in repr(found) and "not the same: " in repr(found)


def test_another_activation_parts_at_the_first_step(recipe):
    found = lx.replay(recipe, mlp(activation=jax.nn.tanh), points())
    assert found.parted == 1 and found.metric[0] == "loss"
    assert {each.path for each in found.differences} == {"model.code", "program.sha256"}
    assert "parted by step 1, loss" in repr(found)


@pytest.mark.parametrize(("which", "before"), [(0, 0), (2, 2), (3, 4)])
def test_the_milestone_at_which_it_parts(recipe, which, before):
    milestone = recipe["result"]["milestones"][which]
    data = doctored(recipe, f"result.milestones.{which}.metrics.loss", "3f800000")
    data = doctored(lx.Recipe(data), "result.fingerprint", "0" * 64)
    found = lx.replay(data, MLP, points())
    assert (found.parted, found.since) == (milestone["step"], before)
    (real,) = struct.unpack(">f", bytes.fromhex(milestone["metrics"]["loss"]))
    assert found.metric == ("loss", 1.0, real)
    assert "nothing that the recipe knows of" in repr(found)


@pytest.mark.parametrize(
    ("path", "value"),
    [("jax", "0.12.0"), ("cpu_threads", 64), ("device", "NVIDIA H100"), ("XLA_FLAGS", "--a")],
)
def test_another_machine_is_named(recipe, path, value):
    found = lx.replay(doctored(recipe, f"environment.{path}", value), MLP, points())
    assert [each.path for each in found.differences] == [f"environment.{path}"]
    assert found.identical and "although these differ:" in repr(found)


def test_a_loss_that_ends_the_run_early():
    recipe = train(steps=9, optimizer=optax.sgd(0.1)).recipe
    found = lx.replay(recipe, MLP, points(), optimizer=optax.sgd(1e30))
    assert not found and found.run.step == 1 and found.parted is None and found.since == 1
    assert repr(found).startswith("not the same: it ended at step 1 of 9: the loss became ")


def test_another_model(recipe):
    with pytest.raises(ValueError, match="with 67 parameters; this one has 75"):
        lx.replay(recipe, mlp(9), points())


def test_an_optimizer_that_the_calls_do_not_make(recipe):
    data = doctored(recipe, "optimizer.calls.positional.0.named.b1", 0.8)
    with pytest.raises(ValueError, match="is not the optimiser of the run, as its digest says"):
        lx.replay(data, MLP, points())
    found = lx.replay(data, MLP, points(), optimizer=ADAM)
    assert found.identical


def test_arguments_that_are_in_the_recipe(recipe):
    for name in ("seed", "batch_size", "steps", "epochs"):
        with pytest.raises(TypeError, match=f"{name} is in the recipe: leave it out"):
            lx.replay(recipe, MLP, points(), **{name: 1})
    with pytest.raises(TypeError, match="fit has no argument 'stat'; did you mean"):
        lx.replay(recipe, MLP, points(), stat=1)


def test_in_another_process(tmp_path):
    """The same bits, and not one digest of a program, a function or an array differs."""
    schedule = optax.cosine_decay_schedule(1e-2, 9)
    optimizer = optax.inject_hyperparams(optax.adamw)(schedule)
    recipe = train(steps=5, optimizer=optimizer, loss=squared).recipe
    (tmp_path / "recipe.json").write_text(recipe.to_json())
    code = (
        "import sys, luxnb as lx\n"
        "from tests.train.conftest import MLP, points\n"
        "from tests.train.recipe.test_recipe import squared\n"
        "print(repr(lx.replay(open(sys.argv[1]).read(), MLP, points(), loss=squared)))"
    )
    there = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "recipe.json")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"},
        cwd=tmp_path, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    (line,) = there.stdout.splitlines() or [there.stderr]
    assert line.startswith(f"identical to the bit: 5 steps, and the fingerprint "
                           f"{recipe['result']['fingerprint'][:12]}")  # fmt: skip


# -- what is sent may be anything -----------------------------------------------------------------

HOSTILE = {
    "no recipe": ("", 3, None),
    "format": ("format", 2, r"\['format'\] must be 1, got 2"),
    "seed of text": ("seed", "3", r"recipe\['seed'\] must be an integer or a key"),
    "huge seed": ("seed", 2**64, r"recipe\['seed'\] must be below 2\*\*63"),
    "key": ("seed", {"key": [1, 2], "impl": "os.system"}, "no random key"),
    "model": ("model", [], r"recipe\['model'\] must be a dict, got \[\]"),
    "parameters": ("model.parameters", -1, r"\['parameters'\] must be an integer of at least 0"),
    "digest": ("model.sha256", "../../etc", r"\['sha256'\] must be a SHA-256 digest in hex"),
    "steps": ("result.steps", 2**40, r"\['steps'\] must be an integer from 0 to 2,147,483,647"),
    "steps of truth": ("result.steps", True, r"\['steps'\] must be an integer from 0"),
    "bits": ("result.milestones.0.metrics.loss", "nan", "must be the bits of a float32 in hex"),
    "order": ("result.milestones.0.step", 9, "must be at steps between 0 and 9, in order"),
    "NaN": ("environment.jax", float("nan"), "must be a finite number, got nan"),
    "an object": ("environment.jax", print, "must be data for JSON, got a builtin_function"),
    "names": ("options", {1: 2}, "has the name 1: names must be text"),
    "option": ("options.sharded", 1, "luxnb has no option 'sharded' of a step"),
    "event": ("interventions", [{"step": 1, "name": "exec", "values": None}],
              "must be pause, resume, stop or set, got 'exec'"),
    "value": ("interventions", [{"step": 1, "name": "set", "values": {"learning_rate": "x"}}],
              "must be a number or a list of numbers, got 'x'"),
    "nothing to set": ("interventions", [{"step": 1, "name": "set", "values": {"b": 1.0}}],
                       "which cannot be repeated: the optimiser keeps its hyper-parameters"),
    "late": ("interventions", [{"step": 99, "name": "stop", "values": None}],
             "must be at steps between 0 and 9"),
    "loss": ("loss", {"name": "os.system"}, "loss of the recipe is os.system, a function of its"),
    "private": ("loss", {"name": "luxnb.losses._private"}, "has no function '_private'"),
    "a module": ("loss", {"name": "luxnb.losses.binary"}, "luxnb.losses has no function 'binary'"),
    "way up": ("loss", {"name": "luxnb.losses.jax.os.system"}, "a function of its author's"),
    "a class": ("metrics.accuracy", {"name": "optax.MultiSteps"}, "has no function 'MultiSteps'"),
    "partial": ("loss", {"partial": {"name": "luxnb.losses.mse"}}, "a partial needs a tuple"),
    "partial of": ("loss", {"partial": {"name": "builtins.exec"}}, "builtins.exec, a function of"),
    "call": ("optimizer.calls", {"call": "os.system", "positional": ["true"]},
             "'os.system' is none of the functions of optax that a recipe may call"),
    "apply": ("optimizer.calls.positional.0.call", "optax.stateless", "'optax.stateless' is none"),
    "no text": ("optimizer.calls.positional.0.call", ["optax.adam"], "is none of the functions"),
    "factory": ("optimizer.calls", {"call": "optax.inject_hyperparams", "factory": "eval"},
                "'eval' is none of the functions of optax"),
    "argument": ("optimizer.calls.positional.0.named.b9", 1, "does not take what the recipe gives"),
    "text for a number": ("optimizer.calls.positional.0.named.b1", "x",
                          "the optimiser of the recipe cannot take a step"),
    "dtype": ("optimizer.calls.positional.0.named.mu_dtype", {"dtype": "object"},
              "'object' is no dtype of a hyper-parameter"),
    "array": ("optimizer.calls.positional.0.named.b1", {"array": ["x"], "dtype": "float32"},
              "is no array of numbers"),
    "layer": ("optimizer.calls.positional.0.named.b1", {"layer": "os.system('true')"},
              "too little"),
    "no optimizer": ("optimizer.calls.positional.1", 5, "does not take what the recipe gives it"),
    "arguments": ("optimizer.calls.positional", {}, "must have a list of positional arguments"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_stranger_sends_is_refused_and_nothing_runs(name, recipe, monkeypatch):
    from luxnb.train.recipe import replay as module

    monkeypatch.setattr(module, "Run", lambda *_, **__: pytest.fail("it was trained"))
    path, value, message = HOSTILE[name]
    if not path:
        with pytest.raises(TypeError, match="expected a recipe, its dict or its JSON, got a int"):
            lx.replay(value, MLP, points())
        return
    with pytest.raises(ValueError, match=message):
        lx.replay(doctored(recipe, path, value), MLP, points())


@pytest.mark.parametrize("field", list(json.loads('["seed","model","data","loss","result"]')))
def test_a_field_that_is_missing(field, recipe):
    data = recipe.to_dict()
    del data[field]
    with pytest.raises(ValueError, match=f"recipe lacks '{field}'"):
        lx.Recipe(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is no JSON of a recipe"),
        ("[" * 100_000, "the text is no JSON of a recipe"),
        ("[]", "must be a dict"),
        ("{}", r"recipe\['format'\] must be 1, got None"),
        ('{"format": 1e999}', "must be a finite number, got inf"),
        ('{"a": ' * 60 + "1" + "}" * 60, "no more than 1,000,000 values in 50 levels"),
        (b"\xff\xfe\xfa", "the text is no JSON of a recipe"),
    ],
)
def test_text_that_is_no_recipe(text, message):
    with pytest.raises(ValueError, match=message):
        lx.Recipe.from_json(text)


def test_numpy_is_not_what_json_can_hold(recipe):
    with pytest.raises(ValueError, match="must be data for JSON, got a ndarray"):
        lx.Recipe({**recipe.to_dict(), "data": {"x": np.ones(3)}})
