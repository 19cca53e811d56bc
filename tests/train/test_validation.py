"""Validation: it measures rightly, changes no bit, stops at one step, and keeps the best."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from tests.train.conftest import CONV, MLP, images, points, train
from tests.train.test_run import until

OTHERS = points(50, seed=5)
SGD_OF_ONE = optax.sgd(1.0)


def entropy(logits, labels):
    shifted = logits - logits.max(1, keepdims=True)
    return np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(labels)), labels]


# -- what it measures ----------------------------------------------------------------------------


def test_it_measures_what_numpy_does_over_all_rows_at_its_steps():
    """20, 20 and 10 rows: a mean of means would be another number."""
    run = train(epochs=3, validation=lx.Validation(OTHERS, batch_size=20))
    assert run.validation.steps.tolist() == [6, 12, 18]
    assert run.validation.names == ("loss", "accuracy")
    x, y = OTHERS
    for i, step in enumerate((6, 12, 18)):
        ts = train(steps=step).ts
        logits = np.asarray(MLP(x, ts.params, lx.testmode(ts.state))[0], np.float64)
        row = run.validation.since(i)[0]
        np.testing.assert_allclose(
            row, [entropy(logits, y).mean(), (logits.argmax(1) == y).mean()], 1e-5
        )


@pytest.mark.parametrize("batch_size", [7, 50, 1024])
def test_it_is_evaluate_to_the_bit(batch_size):
    run = train(steps=12, validation=lx.Validation(OTHERS, steps=4, batch_size=batch_size))
    found = run.evaluate(OTHERS, batch_size=batch_size)
    assert np.float32(list(found.values())).tobytes() == run.validation.since(2)[0].tobytes()


@pytest.mark.parametrize("kind", ["host", "list", "function", "loader", "stream"])
def test_it_takes_whatever_gives_the_same_batches(kind):
    x, y = OTHERS
    parts = [(x[i : i + 20], y[i : i + 20]) for i in range(0, 50, 20)]

    class Loader:
        def __iter__(self):
            return iter(parts)

    given = {
        "host": lx.on_host(OTHERS),
        "list": parts,
        "function": lambda: iter(parts),
        "loader": Loader(),
        "stream": lx.stream(parts),
    }[kind]
    wanted = train(steps=12, validation=lx.Validation(OTHERS, epochs=1, batch_size=20))
    found = train(steps=12, validation=lx.Validation(given, epochs=1, batch_size=20))
    assert found.validation.since(0).tobytes() == wanted.validation.since(0).tobytes()


def test_ratios_are_ratios_of_sums():
    """Of 30 rows in batches of 16 and 14, those with y = 0 are not counted; none in the second."""
    x, y = points(30, seed=2)
    y[16:] = 0

    def masked(logits, labels):
        counted = labels != 0
        return lx.metrics.Ratio(((logits.argmax(-1) == labels) & counted).sum(), counted.sum())

    metrics = {"masked": masked}
    run = train(steps=6, metrics=metrics, validation=lx.Validation((x, y), steps=6, batch_size=16))
    right = run.predict(x).argmax(-1) == y
    assert run.validation["masked"][0] == np.float32(np.mean(right[y != 0]))


def test_ten_thousand_batches_lose_no_digit():
    values = np.random.default_rng(0).exponential(size=10_000).astype(np.float32)
    rows = values[:, None]
    found = lx.evaluate(
        lx.Identity(), {}, {}, (rows, 0 * rows), loss=lambda p, y: p.mean(), batch_size=1
    )
    assert abs(found["loss"] - values.mean(dtype=np.float64)) <= np.spacing(np.float32(1))


# -- it is only watched --------------------------------------------------------------------------


@pytest.mark.parametrize("model", [MLP, CONV], ids=["loop", "step"])
def test_it_changes_no_bit_of_the_training(model):
    straight, data = train(model, steps=40), images(30, 4) if model is CONV else OTHERS
    for every in (1, 7):
        run = train(model, steps=40, validation=lx.Validation(data, steps=every, batch_size=16))
        assert len(run.validation) == 40 // every
        assert run.fingerprint == straight.fingerprint


def test_watching_both_changes_no_bit(live):
    straight = train(steps=60)
    run = train(steps=60, validation=lx.Validation(OTHERS, steps=5))
    forget = run.observe(lambda: (run.records.since(0), run.validation_records.since(0)))
    straight.wait()
    assert run.fingerprint == straight.fingerprint
    forget()


# -- the best ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("monitor", "maximize"), [("loss", False), ("accuracy", True)])
def test_the_best_has_the_train_state_of_its_step(monitor, maximize):
    watch = lx.Validation(OTHERS, steps=4, monitor=monitor, maximize=maximize)
    run = train(steps=80, validation=watch)
    column = run.validation[monitor]
    at = int(column.argmax() if maximize else column.argmin())  # of equal ones the first
    best = run.best
    assert (best.step, best.value) == (4 * at + 4, float(column[at]))
    there = train(steps=best.step).ts
    same = jax.tree.map(np.array_equal, best.ts.params, there.params)
    assert all(jax.tree.leaves(same))
    assert int(best.ts.step) == best.step
    assert repr(best) == f"Best(step={best.step}, value={best.value})"


def measured(values):
    """An objective of slope -1 in the weight, and a metric that is the weightth of the values."""
    values = jnp.asarray(values, jnp.float32)

    def objective(model, ps, st, batch):
        steps = ps.weight[0, 0]
        return -steps, st, {"measure": values[steps.astype(jnp.int32) - 1]}

    return objective


def counting(values, *, steps=None, **watch):
    """Each step adds 1 to the weight, so the nth validation measures the nth value."""
    ps, st = {"weight": jnp.zeros((1, 1))}, {}
    data = jnp.ones((4, 1))
    return lx.fit(
        lx.Dense(1, 1, use_bias=False),
        data,
        loss=measured(values),
        optimizer=SGD_OF_ONE,
        batch_size=4,
        steps=steps or len(values),
        params=ps,
        state=st,
        validation=lx.Validation(data, steps=1, monitor="measure", **watch),
    )


def test_what_is_not_finite_never_is_the_best():
    run = counting([np.nan, np.inf, 3, 1, np.nan, 2])
    assert run.validation["measure"].tolist()[2:4] == [3, 1]
    assert (run.best.step, run.best.value) == (4, 1.0)
    assert counting([np.nan, np.inf]).best is None
    assert counting([-np.inf, 2, np.nan, 5], maximize=True).best.value == 5


# -- patience ------------------------------------------------------------------------------------


def test_it_stops_at_the_validation_at_which_patience_ran_out():
    run = counting([5, 4, 4, 4.5, 3, 6, 6, 3, 1, 1], patience=3)
    assert (
        run.step == 8 == len(run.history) == len(run.validation) and run.latest.status == "stopped"
    )
    assert float(run.params.weight[0, 0]) == 8
    assert run.latest.message == (
        "the measure of 3 validations was no better than 3 at step 5; "
        "run.best.ts is the TrainState of that step"
    )
    assert float(run.best.ts.params.weight[0, 0]) == 5


def test_patience_with_the_largest():
    run = counting([1, 2, 2, 1, 9], patience=2, maximize=True)
    assert (run.step, run.best.value) == (4, 2.0)


def test_patience_with_nothing_but_nan():
    run = counting([np.nan] * 9, patience=4)
    assert run.step == 4 and run.best is None
    assert run.latest.message == "in 4 validations the measure was never a finite number"


def test_going_on_is_patient_anew_and_remembers_the_best():
    run = counting([2, 3, 3, 3, 3, 1, 3, 3, 3], patience=2, steps=9)
    assert run.step == 3
    run.fit()
    assert run.step == 5 and run.best.step == 1
    run.fit()
    assert run.step == 8 and run.best.step == 6


@pytest.mark.parametrize("parts", [[1] * 4, [2, 1, 1], [3, 1]])
def test_how_it_was_continued_does_not_matter_to_patience(parts):
    run = counting([2, 3, 3, 3, 3, 3], patience=4, steps=parts[0])
    for steps in parts[1:]:
        run.fit(steps=steps)
    assert run.latest.status == "done"
    assert run.fit(steps=9).step == 5


def test_an_early_stop_is_the_same_however_steps_are_grouped(monkeypatch):
    watch = lx.Validation(OTHERS, steps=3, patience=2)
    run = train(steps=5000, validation=watch)
    assert run.latest.status == "stopped" and run.step % 3 == 0
    monkeypatch.setattr("luxnb.train.running.engine.FRAME", 1e-6)
    assert train(steps=5000, validation=watch).fingerprint == run.fingerprint
    assert train(steps=run.step).fingerprint == run.fingerprint
    again = run.rerun()
    assert again.fingerprint == run.fingerprint
    assert again.validation.since(0).tobytes() == run.validation.since(0).tobytes()
    assert (again.best.step, again.best.value) == (run.best.step, run.best.value)


def test_a_rerun_of_a_run_that_went_on_goes_as_far():
    run = counting([2, 3, 3, 3, 3, 1], patience=2, steps=6).fit()
    assert run.step == 5 and run.rerun().fingerprint == run.fingerprint


def test_patience_is_carried_to_a_run_that_goes_on_elsewhere():
    values = [2, 3, 3, 3, 3, 3]
    straight = counting(values, patience=4)
    first = counting(values, patience=4, steps=3)
    other = lx.Run(first.task, first.standing).fit(steps=3)
    assert other.step == straight.step == 5
    assert (other.best.step, other.best.value) == (1, 2.0)


@pytest.mark.parametrize("step", [1, 3, 6, 7])
def test_a_fork_has_the_best_of_its_past_and_comes_to_the_same_end(step):
    run = counting([5, 4, 6, 6, 6, 3, 6, 6, 6, 6, 6], patience=4)
    assert run.step == 10 and run.best.step == 6
    fork = run.fork(step)
    best = [1, 2, 6][(step > 1) + (step > 5)]
    assert fork.best.step == best == float(fork.best.ts.params.weight[0, 0])
    fork.fit(steps=30)
    assert fork.step == 10 and fork.best.value == 3 and fork.fingerprint == run.fingerprint


def test_a_fork_with_other_validation_data_begins_them_anew():
    run = train(steps=12, validation=lx.Validation(OTHERS, steps=3))
    fork = run.fork(6, validation=lx.Validation(points(40, seed=9), steps=3)).fit(steps=3)
    assert fork.validation.steps.tolist() == [9] and fork.best.step == 9
    assert run.fork(6).validation.steps.tolist() == [3, 6]


# -- while it goes on ----------------------------------------------------------------------------


def test_a_stop_while_validations_are_under_way(live):
    run = train(steps=10**7, validation=lx.Validation(OTHERS, steps=2))
    until(lambda: len(run.validation_records) > 3)
    run.stop()
    run.wait()
    assert len(run.validation) == run.step // 2 and run.latest.status == "stopped"
    assert run.fingerprint == train(steps=run.step).fingerprint


def test_data_that_raise_end_the_run_and_lose_nothing():
    broken = []

    def batches():
        if len(broken) == 2:
            raise OSError("the disk is gone")
        broken.append(1)
        yield OTHERS

    with pytest.raises(OSError, match="the disk is gone") as caught:
        train(steps=20, validation=lx.Validation(batches, steps=5))
    run = caught.value.luxnb_run
    assert run.step == 5 == len(run.history) and run.validation.steps.tolist() == [5]
    broken.clear()
    assert run.fit(steps=5).validation.steps.tolist() == [5, 10]


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"steps": 0}, ValueError, r"Validation\.steps must be a positive integer, got 0"),
        ({"epochs": 1.5}, ValueError, r"Validation\.epochs must be a positive integer, got 1\.5"),
        ({"patience": -1}, ValueError, r"Validation\.patience must be a positive integer, got -1"),
        ({"patience": True}, ValueError, r"Validation\.patience must be a positive integer"),
        ({"batch_size": None}, ValueError, r"Validation\.batch_size must be a positive integer"),
        ({"steps": 1, "epochs": 1}, ValueError, "Validation: give steps or epochs, not both"),
        ({"monitor": 3}, TypeError, r"Validation\.monitor must be the name of a metric, got 3"),
        ({"maximize": "yes"}, TypeError, r"Validation\.maximize must be True or False, got 'yes'"),
        ({"data": ()}, ValueError, "validation: the data hold no array"),
        ({"data": (np.ones(3), np.ones(2))}, ValueError, r"validation: .*data\[1\] has 2 rows"),
        ({"data": (np.ones(3), 2)}, TypeError, r"validation: data\[1\] must be an array with one"),
        ({"data": np.array([1, np.nan])}, ValueError, r"validation: data holds nan in row 1"),
        ({"data": lx.on_host(np.array([[1], [np.inf]]))}, ValueError, "validation: data holds inf"),
        ({"data": []}, ValueError, "validation: the data hold no array"),
        ({"data": lambda: iter([])}, ValueError, "validation: there is no batch in the data"),
        ({"data": iter([OTHERS])}, ValueError, "validation: the data are an iterator, which can"),
        ({"data": lx.stream(iter([OTHERS]))}, ValueError, "that belongs to a training"),
        ({"data": [("a", "b")]}, TypeError, r"data\[0\] of batch 1 must be an array of numbers"),
    ],
)
def test_what_a_validation_refuses(given, error, message):
    with pytest.raises(error, match=message):
        lx.Validation(**({"data": OTHERS} | given))


def test_what_is_wrong_comes_to_light_before_the_first_step():
    with pytest.raises(ValueError, match="no metric 'accurcy'; did you mean 'accuracy'"):
        train(steps=1, validation=lx.Validation(OTHERS, monitor="accurcy"))
    with pytest.raises(ValueError, match=r"expected x of shape \(…, 2\)") as caught:
        train(steps=1, validation=(np.ones((9, 5), np.float32), np.zeros(9, int)))
    assert "in the validation, whose data are (f32[9,5], i32[9])" in caught.value.__notes__
    with pytest.raises(ValueError, match=r"say after how many steps to validate.*steps=500"):
        train(data=iter([OTHERS]), batch_size=None, steps=1, validation=OTHERS)
    with pytest.raises(ValueError, match="'every' must be one number"):
        train(
            steps=1,
            metrics={"every": lambda p, y: p[:, 0].mean() if len(p) == 16 else p[:, 0]},
            validation=OTHERS,
        )


def test_a_model_that_fails_on_the_smaller_last_batch_is_found():
    model = lx.Chain(lx.Dense(2, 3), lx.Function(lambda x: x.reshape(16, 3)))
    with pytest.raises(Exception) as caught:
        train(model, steps=1, validation=lx.Validation(points(40), batch_size=16))
    assert "in the validation" in str(caught.value.__notes__)


def test_its_repr_is_the_call():
    assert repr(lx.Validation(OTHERS)) == "Validation((f32[50,2], i32[50]))"
    watch = lx.Validation([OTHERS], epochs=2, patience=3, monitor="accuracy", maximize=True)
    assert repr(watch) == (
        "Validation((f32[50,2], i32[50]), epochs=2, patience=3, monitor='accuracy', maximize=True)"
    )
