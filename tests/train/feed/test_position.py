"""Positions: a stream goes on where another left off, also in a new process."""

import json

import numpy as np
import pytest

import luxnb as lx
from tests.train.conftest import train
from tests.train.feed.sources import Counting, Loader, Stateful, batches, flow, taken
from tests.train.feed.test_hosted import same

KINDS = {
    "list": lambda made: made,
    "iterator": iter,
    "function": lambda made: lambda: iter(made),
    "loader": Loader,
    "grain": Counting,
    "torchdata": Stateful,
}


@pytest.mark.parametrize("most", [1, 3, 256])
@pytest.mark.parametrize("kind", KINDS)
def test_a_position_leads_on_in_a_new_process(kind, most, monkeypatch):
    monkeypatch.setattr("luxnb.train.feed.form.MOST_STEPS", most)
    numbers = [np.float32(i) for i in range(7)]
    endless = [float(i % 7) for i in range(40)]
    wanted = range(6) if kind == "iterator" else (0, 1, 6, 7, 8, 13, 14, 18)
    supply = lx.stream(KINDS[kind](numbers)).open(0)
    for step in range(max(wanted) + 1):
        if step in wanted:
            position = json.loads(json.dumps(supply.position(step)))
            again = lx.stream(KINDS[kind](numbers)).open(0, step, position)
            more = min(9, 7 - step) if kind == "iterator" else 9
            assert taken(again, step, more) == endless[step : step + more], (step, position)
            once_more = again.position(step + more - 1)
            again.close()
            third = lx.stream(KINDS[kind](numbers)).open(0, step + more - 1, once_more)
            assert taken(third, step + more - 1, 1) == endless[step + more - 1 : step + more]
            third.close()
        assert taken(supply, step, 1) == [endless[step]]
        supply.release(step)
    supply.close()


def test_an_iterator_with_a_state_is_not_gone_through_from_its_beginning(monkeypatch):
    monkeypatch.setattr("luxnb.train.feed.form.MOST_STEPS", 4)
    numbers = [np.float32(i) for i in range(100)]
    supply = lx.stream(Counting(numbers)).open(0)
    assert taken(supply, 0, 50) == [float(i) for i in range(50)]
    loader = Counting(numbers)
    again = lx.stream(loader).open(0, 50, supply.position(50))
    assert taken(again, 50, 1) == [50.0]
    assert loader.drawn[0] == 0 and loader.drawn[1] >= 46, "one to see the shapes, then the rest"
    supply.close()
    again.close()


@pytest.mark.parametrize("kind", ["list", "function", "loader", "grain", "torchdata"])
def test_a_step_without_a_position(kind):
    numbers = [np.float32(i) for i in range(7)]
    supply = lx.stream(KINDS[kind](numbers)).open(0, 16)
    assert taken(supply, 16, 3) == [2.0, 3.0, 4.0]
    supply.close()


def test_a_step_that_was_not_released_can_be_taken_again(monkeypatch):
    monkeypatch.setattr("luxnb.train.feed.form.MOST_STEPS", 4)
    supply = lx.stream(iter([np.float32(i) for i in range(30)])).open(0)
    assert taken(supply, 0, 11) == [float(i) for i in range(11)]
    supply.release(5)
    assert taken(supply, 5, 9) == [float(i) for i in range(5, 14)]
    assert taken(supply, 14, 2) == [14.0, 15.0]
    supply.close()
    with pytest.raises(ValueError, match="the data were closed"):
        supply.take(16, 1)


def test_a_run_goes_on_from_its_standing_with_new_iterators():
    made = batches()
    straight = train(steps=25)
    for source in (Loader, Counting, iter, lambda made: lambda: iter(made)):
        run = flow(source(made), steps=11)
        standing = run.standing
        assert json.loads(json.dumps(standing.position)) == standing.position
        again = flow(source(made), start=standing, steps=14)
        assert same(again, straight)


def test_steps_of_the_past_are_computed_again():
    run = flow(lambda: iter(batches()), steps=20)
    seven = train(steps=7).ts
    assert np.array_equal(run.at(7).params.layer_1.weight, seven.params.layer_1.weight)


def test_a_position_is_known_before_anything_is_taken():
    made = [np.float32(i) for i in range(9)]
    supply = lx.stream(iter(made)).open(0, 4, {"pass": 0, "batch": 4, "batches": 4})
    assert supply.position(4) == {"pass": 0, "batch": 4, "batches": 4}
    assert taken(supply, 4, 2) == [4.0, 5.0]
    supply.close()
