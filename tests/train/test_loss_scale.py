"""Loss scaling: what it does to a step that overflows, and that it changes nothing else."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from tests.same import assert_same
from tests.train.conftest import MLP, SGD, points, train

SCALE = lx.LossScale(1024.0, period=3)


class Counting(lx.Layer):
    """A weight, and state that moves: a random key and a count."""

    def init_params(self, key):
        return {"weight": jnp.ones(())}

    def init_state(self, key):
        return {"key": key, "seen": jnp.zeros(())}

    def forward(self, x, ps, st):
        _, st.key = jax.random.split(st.key)
        st.seen = st.seen + 1
        return ps.weight, st


def steep(model, ps, st, batch):
    """w + √(w - w' + batch) with w' = w held: finite, and of infinite slope where batch = 0."""
    weight, st = model(batch, ps, st)
    return weight + jnp.sqrt(weight - jax.lax.stop_gradient(weight) + batch), st, {}


GOOD, BAD = jnp.ones(()), jnp.zeros(())


def follow(*batches, optimizer=SGD, **options):
    step = lx.train_step(steep, optimizer, **options)
    passed = [lx.TrainState.create(Counting(), optimizer, 0, **options)]
    rows = []
    for batch in batches:
        ts, metrics = step(passed[-1], batch)
        passed.append(ts)
        rows.append(metrics)
    return passed, rows


def test_a_step_that_overflows_is_skipped():
    adam = optax.adam(0.1)
    (_, one, two), rows = follow(GOOD, BAD, optimizer=adam, loss_scale=SCALE, average=0.9)
    assert np.isfinite(rows[1].loss)
    assert_same(two.params, one.params)
    assert_same(two.optimizer_state, one.optimizer_state)
    assert_same(two.extras.average, one.extras.average)
    assert int(two.extras.averaged) == int(one.extras.averaged) == 1
    assert float(two.state.seen) == float(one.state.seen) == 1
    assert two.state.key != one.state.key, "the next step draws other numbers"
    assert int(two.step) == 2, "the step is counted: the next batch comes"


def test_the_scale_falls_at_once_and_rises_after_a_while():
    good, bad = GOOD, BAD
    _, rows = follow(bad, bad, good, good, good, good, good, good, bad, loss_scale=SCALE)
    scales = [float(row.loss_scale) for row in rows]
    assert scales == [1024, 512, 256, 256, 256, 512, 512, 512, 1024]


def test_it_stays_between_1_and_2_to_the_24():
    lowest, _ = follow(*[BAD] * 4, loss_scale=lx.LossScale(4.0))
    assert [float(ts.extras.loss_scale.scale) for ts in lowest] == [4, 2, 1, 1, 1]
    highest, _ = follow(*[GOOD] * 3, loss_scale=lx.LossScale(2.0**23, period=1))
    assert [float(ts.extras.loss_scale.scale) for ts in highest] == [2**23, *[2**24] * 3]


def test_a_number_is_a_constant_scale():
    passed, rows = follow(BAD, GOOD, BAD, loss_scale=64)
    assert [float(row.loss_scale) for row in rows] == [64, 64, 64]
    assert_same(passed[1].params, passed[0].params)


def test_powers_of_two_change_no_bit_of_the_gradients():
    """Scaling a float by a power of two is exact, and so is scaling it back."""
    plain = lx.TrainState.create(MLP, SGD, 0)
    scaled = lx.TrainState.create(MLP, SGD, 0, loss_scale=2.0**10)
    found = [lx.compute_gradients(lx.losses.cross_entropy, ts, points()) for ts in (plain, scaled)]
    assert_same(*(gradients for gradients, _, _ in found))
    assert_same(*(metrics for _, metrics, _ in found))
    assert_same(*(ts.state for _, _, ts in found))


def test_small_gradients_survive_in_float16():
    """d/dw (w x)² = 2 w x² = 2e-6, of which float16, whose numbers end at 6e-8, has few digits."""

    def loss(model, ps, st, batch):
        y, st = model(batch, ps, st)
        return jnp.mean(y * y), st, {}

    model, x = lx.Scale(1, use_bias=False), jnp.full((1, 1), 1e-3)
    found = {}
    for scale in (1, 2.0**15):
        ts = lx.TrainState.create(model, SGD, 0, loss_scale=scale)
        gradients, _, _ = lx.compute_gradients(loss, ts, x, compute_dtype="float16")
        found[scale] = float(gradients.weight[0])
    assert found[2.0**15] == pytest.approx(2e-6, rel=1e-2)
    assert abs(found[1] - 2e-6) > 1e-9


def test_a_run_in_float16_goes_on_over_skipped_steps_and_is_replayed():
    """2²⁴ overflows float16 at first: those steps are skipped, and the run is not at its end."""
    run = train(steps=40, compute_dtype="float16", loss_scale=lx.LossScale(2.0**24, period=8))
    scale = run.history["loss_scale"]
    assert run.latest.status == "done" and scale[0] == 2**24
    assert (np.diff(scale) < 0).any() and (np.diff(scale) > 0).any()
    assert np.isfinite(run.history["loss"]).all()
    assert run.history["loss"][-6:].mean() < run.history["loss"][:6].mean()
    assert run.rerun().fingerprint == run.fingerprint
    skipped = int(np.argmax(np.diff(scale) < 0))
    assert_same(run.at(skipped + 1).params, run.at(skipped).params)
    fork = run.fork(20).fit(steps=20)
    assert lx.compare(run, fork).identical


def test_a_loss_that_is_not_finite_still_ends_the_run():
    run = train(
        steps=10,
        loss_scale=SCALE,
        loss=lambda p, y: lx.losses.cross_entropy(p, y) / (p[0, 0] > 100),
    )
    assert run.latest.status == "stopped" and run.step == 0
    assert "the loss became inf at step 1" in run.latest.message


def test_float16_is_scaled_unless_one_says_otherwise():
    assert "loss_scale" in train(steps=1, compute_dtype="float16").history.names
    assert "loss_scale" not in train(steps=1, compute_dtype="bfloat16").history.names
    assert train(steps=1, compute_dtype="float16", loss_scale=8).history["loss_scale"] == [8]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: lx.LossScale(0.5), ValueError, "LossScale.initial must be a number ≥ 1, got 0.5"),
        (lambda: lx.LossScale(np.inf), ValueError, "LossScale.initial must be a number ≥ 1"),
        (lambda: lx.LossScale(factor="2"), ValueError, "LossScale.factor must be a number ≥ 1"),
        (lambda: lx.LossScale(period=0), ValueError, "LossScale.period must be a positive integer"),
        (lambda: train(steps=1, loss_scale="big"), TypeError, "loss_scale must be a number or a L"),
        (lambda: train(steps=1, loss_scale=True), TypeError, "loss_scale must be a number or a L"),
    ],
)
def test_what_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_both_sides_must_agree():
    ts = lx.TrainState.create(MLP, SGD, 0)
    step = lx.train_step(lx.losses.cross_entropy, SGD, compute_dtype="float16")
    with pytest.raises(ValueError, match=r"has no loss_scale, .* loss_scale=LossScale\(initial="):
        step(ts, points())
