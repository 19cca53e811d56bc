"""Hyper-parameters that are recorded, named and set, wherever optax keeps them."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.running.intervention import Intervention, settings
from luxnb.train.step.hyperparameters import check_values, hyperparameters, with_hyperparameters
from tests.same import assert_same
from tests.train.conftest import train

inject = optax.inject_hyperparams
ADAM = inject(optax.adam)(learning_rate=1e-2)
COSINE = optax.cosine_decay_schedule(1e-2, 20)
MODEL = lx.Chain(lx.Dense(2, 4, jnp.tanh), lx.Dense(4, 3))
PARTS = optax.partition(
    {"body": inject(optax.adam)(1e-3), "head": inject(optax.sgd)(0.5)},
    lx.Tree(layer_1="body", layer_2="head"),
)
NESTED = {
    "chain": (optax.chain(optax.clip_by_global_norm(1.0), ADAM), ["learning_rate"]),
    "several steps": (optax.MultiSteps(ADAM, 2), ["learning_rate"]),
    "if finite": (optax.apply_if_finite(ADAM, 2), ["learning_rate"]),
    "groups": (PARTS, ["learning_rate_body", "learning_rate_head"]),
    "twice": (
        optax.chain(inject(optax.scale_by_learning_rate)(0.5), inject(optax.sgd)(0.1)),
        ["learning_rate_1", "learning_rate_2"],
    ),
    "one in the other": (
        inject(lambda weight_decay: optax.chain(optax.add_decayed_weights(weight_decay), ADAM))(
            0.1
        ),
        ["learning_rate"],
    ),
}


def state_of(optimizer):
    return optimizer.init(MODEL.init(0)[0])


# -- in the history ------------------------------------------------------------------------------


def test_the_history_has_the_schedule_to_the_bit():
    run = train(steps=25, optimizer=inject(optax.adam)(learning_rate=COSINE))
    expected = jax.jit(jax.vmap(COSINE))(jnp.arange(25))
    assert run.history["learning_rate"].tobytes() == np.asarray(expected).tobytes()


def test_whatever_follows_a_schedule_is_recorded_and_constants_are_not():
    rise = optax.linear_schedule(0.5, 0.9, 4)
    run = train(steps=6, optimizer=inject(optax.adam)(learning_rate=1e-2, b1=rise))
    assert set(run.history.names) == {"loss", "accuracy", "learning_rate", "b1"}
    np.testing.assert_allclose(run.history["b1"], [0.5, 0.6, 0.7, 0.8, 0.9, 0.9], rtol=1e-6)
    assert set(run.history["learning_rate"]) == {np.float32(1e-2)}


def test_a_metric_of_the_same_name_is_the_users():
    run = train(steps=2, optimizer=ADAM, metrics={"learning_rate": lambda p, y: jnp.float32(7)})
    assert run.history["learning_rate"].tolist() == [7, 7]


@pytest.mark.parametrize("name", NESTED)
def test_names_where_there_are_several(name):
    optimizer, names = NESTED[name]
    run = train(MODEL, steps=2, optimizer=optimizer)
    assert [n for n in run.history.names if n.startswith("learning_rate")] == names


# -- set -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NESTED)
def test_the_name_alone_sets_all_and_a_rerun_repeats_it(name):
    optimizer, names = NESTED[name]
    run = train(MODEL, steps=3, optimizer=optimizer)
    run.set(learning_rate=0.25)
    run.fit(steps=3)
    for full_name in names:
        assert (run.history[full_name][3:] == 0.25).all()
        assert (run.history[full_name][:3] != 0.25).all()
    assert run.rerun().fingerprint == run.fingerprint


def test_one_group_is_set_alone():
    run = train(MODEL, steps=2, optimizer=PARTS)
    before = run.params
    run.set(learning_rate_head=0.0)
    run.fit(steps=2)
    assert run.history["learning_rate_head"].tolist() == [0.5, 0.5, 0, 0]
    assert set(run.history["learning_rate_body"]) == {np.float32(1e-3)}
    assert_same(run.params.layer_2, before.layer_2)
    assert not np.array_equal(run.params.layer_1.weight, before.layer_1.weight)


def test_what_is_set_is_what_a_smaller_rate_does():
    """SGD with rate r moves by r times the gradient: half of it, half as far."""
    sgd = inject(optax.sgd)(learning_rate=0.1)
    moved = {}
    for rate in (0.1, 0.05):
        run = train(MODEL, steps=1, optimizer=sgd)
        before = run.params
        run.set(learning_rate=rate)
        after = run.fit(steps=1).params
        moved[rate] = np.asarray(after.layer_2.bias - before.layer_2.bias)
    np.testing.assert_allclose(moved[0.05], 0.5 * moved[0.1], rtol=1e-4)


def test_of_two_that_mean_the_same_the_later_counts():
    state = state_of(PARTS)
    for values, body, head in (
        ({"learning_rate": 1.0, "learning_rate_body": 2.0}, 2.0, 1.0),
        ({"learning_rate_body": 2.0, "learning_rate": 1.0}, 1.0, 1.0),
    ):
        there = hyperparameters(with_hyperparameters(state, values))
        assert there["learning_rate_body"] == body and there["learning_rate_head"] == head


def test_settings_of_one_step_are_merged_in_their_order():
    events = [{"a": 1, "b": 2}, {"b": 3}, {"a": 4}]
    merged = settings([Intervention(5, "set", values) for values in events], 0)
    assert list(merged[5].items()) == [("b", 3), ("a", 4)]


def test_a_name_that_stands_for_several_has_the_first():
    there = hyperparameters(state_of(PARTS))
    assert there["learning_rate"] == there["learning_rate_body"] == np.float32(1e-3)
    assert there["learning_rate_head"] == 0.5
    assert hyperparameters(optax.adam(1.0).init({})) == {}


def test_an_array_is_set_as_a_whole():
    scale = inject(lambda step_sizes: optax.stateless(lambda g, _: g))(jnp.ones(2))
    state = scale.init({})
    assert check_values(state, {"step_sizes": [1, 2]}) == {"step_sizes": [1, 2]}
    changed = with_hyperparameters(state, {"step_sizes": [1, 2]})
    assert hyperparameters(changed)["step_sizes"].tolist() == [1, 2]


SCHEDULED = inject(optax.adam)(learning_rate=COSINE)


@pytest.mark.parametrize(
    ("optimizer", "values", "message"),
    [
        (optax.adam(1e-2), {"learning_rate": 1}, r"write optimizer=optax.inject_hyperparams\(opt"),
        (ADAM, {}, "say what to set, one of learning_rate, b1, b2"),
        (
            ADAM,
            {"learnin_rate": 1},
            "no hyper-parameter 'learnin_rate'; did you mean 'learning_rate",
        ),
        (ADAM, {"momentum": 1}, "no hyper-parameter 'momentum'"),
        (
            SCHEDULED,
            {"learning_rate": 1},
            "learning_rate follows a schedule, which would overwrite",
        ),
        (ADAM, {"learning_rate": np.nan}, "learning_rate must be a finite number, got nan"),
        (ADAM, {"learning_rate": np.inf}, "learning_rate must be a finite number, got inf"),
        (ADAM, {"learning_rate": True}, "learning_rate must be a finite number, got True"),
        (ADAM, {"learning_rate": "fast"}, "learning_rate must be a finite number, got 'fast'"),
        (ADAM, {"learning_rate": None}, "learning_rate must be a finite number, got None"),
        (ADAM, {"learning_rate": [1, 2]}, r"learning_rate must have shape \(\), got \(2,\)"),
        (PARTS, {"learning_rate_tail": 1}, "no hyper-parameter 'learning_rate_tail'; did"),
    ],
)
def test_what_cannot_be_set(optimizer, values, message):
    with pytest.raises(ValueError, match=message):
        check_values(state_of(optimizer), values)


def test_a_run_refuses_it_at_once_and_loses_nothing():
    run = train(steps=3, optimizer=ADAM)
    fingerprint = run.fingerprint
    with pytest.raises(ValueError, match="did you mean 'learning_rate'"):
        run.set(learning_rat=1)
    assert run.fingerprint == fingerprint and not run.interventions
