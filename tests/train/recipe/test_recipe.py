"""A recipe is data that a person can send; it changes with all that decides the bits, only then."""

import functools
import hashlib
import inspect
import json
import os
import struct
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.prepare import prepare
from luxnb.train.recipe import make
from luxnb.train.recipe.difference import differing
from luxnb.train.recipe.digest import digest_array, digest_program
from luxnb.train.recipe.environment import environment
from luxnb.train.running.standing import Standing
from tests.train.conftest import ADAM, MLP, SGD, points, train

ROOT = Path(lx.__file__).parents[1]


def squared(prediction, target):
    return jnp.mean((prediction - jax.nn.one_hot(target, 3)) ** 2)


def weighted(weights):
    def loss(prediction, target):
        return jnp.mean(weights[target] * lx.losses.cross_entropy(prediction, target, reduce=None))

    return loss


def one_bit():
    x, y = points()
    x.view(np.int32)[7, 0] ^= 1
    return x, y


def mlp(width=8, activation=jax.nn.relu, rate=0.3):
    return lx.Chain(
        lx.Dense(2, width, activation), lx.BatchNorm(width), lx.Dropout(rate), lx.Dense(width, 3)
    )


@pytest.fixture(scope="module")
def recipe():
    return train(steps=3).recipe


def test_it_is_json_and_comes_back(recipe):
    text = recipe.to_json()
    assert json.loads(text) == recipe.to_dict()
    again = lx.Recipe.from_json(text)
    assert again == recipe and again.to_json() == text and again is not recipe
    assert lx.Recipe.of(json.loads(text)) == recipe


def test_it_is_a_value(recipe):
    recipe["environment"]["jax"] = "another"
    recipe.to_dict()["seed"] = 9
    assert recipe["environment"]["jax"] == jax.__version__ and recipe["seed"] == 3
    with pytest.raises(TypeError):
        recipe["seed"] = 4


def test_it_says_what_was_trained(recipe):
    assert recipe["seed"] == 3
    assert recipe["model"]["code"] == repr(MLP)
    assert recipe["model"]["parameters"] == lx.count(MLP) == 67
    assert recipe["loss"] == {"name": "luxnb.losses.cross_entropy"}
    assert recipe["metrics"] == {"accuracy": {"name": "luxnb.metrics.accuracy"}}
    adam, scale = recipe["optimizer"]["calls"]["positional"]
    assert adam["call"] == "optax.scale_by_adam"
    assert {"b1": 0.9, "b2": 0.999, "eps": 1e-8}.items() <= adam["named"].items()
    assert scale == {"call": "optax.scale", "named": {"step_size": -0.01}}
    assert recipe["environment"]["jax"] == jax.__version__
    assert recipe["environment"]["cpu_threads"] == len(os.sched_getaffinity(0))


def test_milestones_are_the_bits_of_the_history():
    run = train(steps=11)
    result = run.recipe["result"]
    assert result["fingerprint"] == run.fingerprint and result["steps"] == 11
    assert [each["step"] for each in result["milestones"]] == [1, 2, 4, 8, 11]
    for each in result["milestones"]:
        value = run.history["loss"][each["step"] - 1]
        assert bytes.fromhex(each["metrics"]["loss"]) == struct.pack(">f", value)


def test_the_data_are_told_by_their_bits(recipe):
    x, _ = points()
    said = recipe["data"]["arrays"]["data[0]"]
    assert said["shape"] == [96, 2] and said["dtype"] == "float32"
    assert said["sha256"] == hashlib.sha256(x.tobytes()).hexdigest()


def cosine(decay_steps):
    return optax.adam(optax.cosine_decay_schedule(1e-2, decay_steps))


ACCURACY = {"accuracy": lx.metrics.accuracy}
CHANGES = {
    "seed": ({}, {"seed": 4}, {"seed"}),
    "key": ({}, {"seed": jax.random.key(3)}, {"seed"}),
    "bit of the data": ({}, {"data": one_bit()}, {"data"}),
    "dtype of the data": ({}, {"data": (points()[0], points()[1].astype(np.int8))}, {"data"}),
    "rows": ({}, {"data": points(80)}, {"data"}),
    "batch size": ({}, {"batch_size": 12}, {"data"}),
    "width": ({}, {"model": mlp(9)}, {"model"}),
    "activation": ({}, {"model": mlp(activation=jax.nn.tanh)}, {"model"}),
    "rate of dropout": ({}, {"model": mlp(rate=0.31)}, {"model"}),
    "optimiser": ({}, {"optimizer": SGD}, {"optimizer"}),
    "learning rate": ({}, {"optimizer": optax.adam(1.0001e-2)}, {"optimizer"}),
    "momentum": ({}, {"optimizer": optax.adam(1e-2, b1=0.91)}, {"optimizer"}),
    "clipping": ({}, {"optimizer": optax.chain(optax.clip(1.0), ADAM)}, {"optimizer"}),
    "schedule": ({"optimizer": cosine(10)}, {"optimizer": cosine(11)}, {"optimizer"}),
    "loss": ({}, {"loss": squared}, {"loss"}),
    "what a loss remembers": (
        {"loss": weighted(jnp.ones(3))},
        {"loss": weighted(jnp.array([1.0, 1.0, 1.1]))},
        {"loss"},
    ),
    "argument of a loss": (
        {"loss": functools.partial(lx.losses.cross_entropy, label_smoothing=0.1)},
        {"loss": functools.partial(lx.losses.cross_entropy, label_smoothing=0.2)},
        {"loss"},
    ),
    "metrics": ({}, {"metrics": {"right": lx.metrics.accuracy}}, {"metrics"}),
    "no metrics": ({}, {"metrics": {}}, {"metrics"}),
    "validation": ({}, {"validation": lx.Validation(points(), steps=2)}, {"validation"}),
    "start": (
        {"params": MLP.init(0)[0], "state": MLP.init(0)[1]},
        {"params": MLP.init(1)[0], "state": MLP.init(1)[1]},
        {"start"},
    ),
}


def planned(**changes):
    """The recipe of a training before its first step, for which nothing is compiled."""
    defaults = {name: p.default for name, p in inspect.signature(lx.fit).parameters.items()}
    plan = {
        "model": MLP,
        "data": points(),
        "loss": lx.losses.cross_entropy,
        "optimizer": ADAM,
        "metrics": ACCURACY,
        "batch_size": 16,
        "seed": 3,
    }
    task = prepare({**defaults, **plan, **changes})
    return make.recipe_of(task, Standing.of(task.start()))


@pytest.mark.parametrize("name", CHANGES)
def test_it_changes_with_what_changes_and_nothing_else(name):
    before, after, parts = CHANGES[name]
    one, other = planned(**before), planned(**{**before, **after})
    found = {each.path.split(".")[0].split("[")[0] for each in differing(one, other)}
    assert found - {"program"} == parts
    assert not differing(one, planned(**before))


def test_how_far_it_went_is_no_difference(recipe):
    assert not differing(recipe, planned())


def test_flags_are_part_of_it(recipe, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    with jax.default_matmul_precision("highest"):
        other = planned()
    found = {str(each) for each in differing(recipe, other)}
    assert "environment.XLA_FLAGS: '' against --xla_cpu_enable_fast_math=true" in found
    assert "environment.matmul_precision: nothing against highest" in found


def test_training_computes_none_of_it(monkeypatch):
    def never(*_):
        raise AssertionError("a recipe was computed")

    for name in ("describe_model", "describe_function", "digest_program", "environment"):
        monkeypatch.setattr(make, name, never)
    monkeypatch.setattr(hashlib, "sha256", never)
    run = train(steps=4)
    assert run.step == 4
    with pytest.raises(AssertionError, match="was computed"):
        _ = run.recipe


def test_interventions_are_in_it():
    tuned = optax.inject_hyperparams(optax.adam)(learning_rate=1e-2)
    run = train(steps=3, optimizer=tuned)
    run.set(learning_rate=1e-3)
    run.fit(steps=2)
    (event,) = run.recipe["interventions"]
    assert event == {"step": 3, "name": "set", "values": {"learning_rate": 1e-3}}
    assert "set(learning_rate=0.001) at step 3" in repr(run.recipe)


def test_of_a_run_that_went_on_from_another():
    run = train(steps=3)
    other = run.fork().fit(steps=2)
    said = other.recipe
    assert said["start"]["step"] == 3 and said["result"]["steps"] == 5
    assert [each["step"] for each in said["result"]["milestones"]] == [4, 5]
    assert said["interventions"] == []


# -- digests, against closed forms ----------------------------------------------------------------


def test_digest_of_an_array():
    array = np.arange(6, dtype=np.int16).reshape(2, 3)
    wanted = hashlib.sha256(b"int16 (2, 3)" + array.tobytes()).hexdigest()
    assert digest_array(array) == digest_array(jnp.asarray(array)) == wanted
    assert digest_array(np.asfortranarray(array)) == wanted
    assert digest_array(jnp.bfloat16(1)) != digest_array(jnp.float16(1))


def digest_of(function, *arguments):
    return digest_program(jax.make_jaxpr(function)(*arguments))


def test_digest_of_a_program():
    x = jnp.ones(3)
    first = digest_of(lambda x: jnp.sin(x) * 2.0, x)
    assert digest_of(lambda other: jnp.sin(other) * 2.0, x) == first
    different = [
        digest_of(lambda x: jnp.cos(x) * 2.0, x),
        digest_of(lambda x: jnp.sin(x) * np.float32(2.0000002), x),
        digest_of(lambda x: jnp.sin(x * 2.0), x),
        digest_of(lambda x: jnp.sin(x) * 2.0, jnp.ones(4)),
        digest_of(lambda x: jnp.sin(x) * np.full(3, 2, np.float32), x),
        digest_of(lambda x: jnp.sin(x) * np.array([2, 2, 3], np.float32), x),
        digest_of(lambda x: jax.lax.fori_loop(0, 2, lambda i, v: jnp.sin(v), x), x),
        digest_of(lambda x: jax.lax.fori_loop(0, 2, lambda i, v: jnp.cos(v), x), x),
        digest_of(lambda x: (x - x[0], x)[1], x),
    ]
    assert len({first, *different}) == 1 + len(different)


def test_the_environment_is_data():
    assert json.loads(json.dumps(environment())) == environment()
