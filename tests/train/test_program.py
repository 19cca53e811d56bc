"""One program: the same bits however its steps are grouped."""

import jax
import numpy as np
import pytest

import luxnb as lx
from luxnb.train.compare.fingerprint import leaves_of
from luxnb.train.feed.data import data_key
from luxnb.train.feed.feed import Portion
from tests.train.conftest import CONV, MLP, images, points, train


def bits(ts, rows):
    return {k: v.tobytes() for k, v in leaves_of(ts).items()}, np.asarray(rows).tobytes()


TILED = lx.Chain(
    lx.Conv((3, 3), 1, 4, jax.nn.relu), lx.MaxPool((2, 2)), lx.Flatten(), lx.Dense(16, 3)
)
MODELS = [(MLP, points(), "loop"), (CONV, images(), "step"), (TILED, images(), "loop")]


@pytest.mark.parametrize(("model", "data", "executor"), MODELS, ids=["mlp", "conv", "tiled"])
def test_grouping_changes_no_bit(model, data, executor):
    run = train(model, data, steps=1)
    assert run.executor == executor
    task, program = run.task, run._worker.program
    key = data_key(task.seed)

    def grouped(*sizes):
        ts, step, seen = task.start(), 0, []
        for n in sizes:
            ts, rows = program.run(ts, step, n, key, Portion(task.feed.data, 0, n))
            seen.append(np.asarray(rows)[:n])
            step += n
        assert int(ts.step) == sum(sizes)
        return bits(ts, np.concatenate(seen))

    whole = grouped(14)
    assert grouped(*[1] * 14) == whole
    assert grouped(3, 5, 6) == whole
    assert grouped(7, 7) == whole


def test_a_start_is_not_overwritten():
    run = train(CONV, steps=1)
    start = run.task.start()
    before = {k: v.copy() for k, v in leaves_of(start).items()}
    run._worker.program.run(start, 0, 3, data_key(3), Portion(run.task.feed.data, 0, 3))
    assert all(np.array_equal(before[k], v) for k, v in leaves_of(start).items())


def test_equal_tasks_share_one_program():
    assert train(steps=1)._worker.program is train(steps=2, seed=9)._worker.program


def test_a_convolution_is_found_inside_a_call():
    from luxnb.train.program.convolution import has_convolution

    assert not has_convolution(jax.make_jaxpr(lambda x: x @ x)(np.ones((3, 3))).jaxpr)
    convolved = jax.make_jaxpr(lambda x: jax.jit(jax.checkpoint(jax.numpy.convolve))(x, x))
    assert has_convolution(convolved(np.ones(3)).jaxpr)
