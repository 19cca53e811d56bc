"""Any step of the past: computed again from the nearest TrainState that was kept, to the bit."""

import jax

from luxnb.train.feed.data import data_key
from luxnb.train.running.course import Course
from luxnb.train.running.engine import apply
from luxnb.train.running.intervention import settings
from luxnb.train.state import TrainState


def state_at(course: Course, step: int, last: int) -> TrainState:
    """The TrainState after `step` steps of a course that took `last`, with what was set there.

    It goes the same way again: the same executable, batches, and interventions.
    """
    first = course.task.first
    if not isinstance(step, int) or isinstance(step, bool):
        raise TypeError(f"step must be an integer, got {step!r}")
    if not first <= step <= last:
        raise ValueError(f"the run has the steps from {first:,} to {last:,}, not {step:,}")
    begin, ts = _nearest(course, step)
    if begin < step and not course.task.feed.rewindable:
        raise ValueError(
            "the data cannot be gone through again in the same order: give fit a function that "
            "makes the iterator, as data=lambda: iter(loader)"
        )
    return _replayed(course, ts, begin, step)


def _nearest(course: Course, step: int) -> tuple[int, TrainState]:
    """The last TrainState at or before `step` that is at hand, and its step."""
    found = [(course.task.first, None), course.records.snapshots.nearest(step)]
    standing, best = course.begun, course.records.best
    for there in (standing, best):
        if there is not None and int(there.ts.step) <= step:
            found.append((int(there.ts.step), there.ts))
    engine = course.engine
    if engine is not None and engine.idle and engine.step == step:
        found.append((step, engine.ts))
    begin, ts = max((each for each in found if each is not None), key=lambda each: each[0])
    return begin, course.task.start() if ts is None else ts


def _replayed(course: Course, ts: TrainState, begin: int, end: int) -> TrainState:
    task, program = course.task, course.program
    values = settings(course.records.interventions, begin)
    key, supply = data_key(task.seed), task.feed.open(task.seed, begin)
    try:
        ts = jax.tree.map(jax.numpy.asarray, ts)
        while True:
            if begin in values:
                ts = apply(values[begin], ts)
            if begin >= end:
                return ts
            stop = min([end, *(step for step in values if step > begin)])
            portion = supply.take(begin, min(stop - begin, program.capacity))
            if portion is None:
                raise ValueError(f"the data end before step {begin + 1:,}, where they once went on")
            if not portion.n:  # nothing yet
                continue
            ts, _ = program.run(ts, begin, portion.n, key, portion)
            ts.step.block_until_ready()  # one chunk at a time, beside a training that goes on
            begin += portion.n
            supply.release(begin)
    finally:
        supply.close()
