"""Evaluation and prediction: the model in test mode over all rows, a batch at a time."""

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from luxnb.core.mode import testmode
from luxnb.core.spec import short
from luxnb.core.tree import Tree
from luxnb.train.feed.feed import Feed
from luxnb.train.feed.ordered import BATCH_SIZE, Ordered, rows_in
from luxnb.train.measure.metrics import Ratio, as_ratio, check_metric, quotient
from luxnb.train.state import TrainState
from luxnb.train.step.objective import Objective, as_objective

AHEAD = 8  # batches under way, so that of data larger than the device no more is there at once


def evaluate(
    model: Any,
    params: Any,
    state: Any,
    data: Any,
    *,
    loss: Callable,
    metrics: Mapping[str, Callable] | None = None,
    batch_size: int = BATCH_SIZE,
) -> dict[str, float]:
    """Means of the loss and of each metric over all rows of `data`, in test mode.

    Σ m·n / Σ n over batches of n rows; of a `metrics.Ratio`, Σ numerator / Σ denominator. `data`
    are arrays with one row a sample, of which NumPy's go to the device `batch_size` rows at a time,
    or an iterable of batches; `loss` and `metrics` as in `fit`. A run has it as `run.evaluate`.

    >>> model = Dense(1, 1, use_bias=False)
    >>> x = jnp.arange(4.0)[:, None]
    >>> evaluate(model, {"weight": jnp.ones((1, 1))}, {}, (x, 3 * x), loss=losses.mse)
    {'loss': 14.0}
    """
    ordered = Ordered.of(data, batch_size).checked()
    params, state = Tree.of(params), Tree.of(state)
    evaluation = Evaluation(as_objective(loss, metrics), model, params, state, ordered)
    return evaluation.run(params, state)


class Evaluation:
    """The means over some data, of any parameters and state that have the given shapes."""

    def __init__(self, objective: Objective, model, params, state, data: Ordered):
        """Arrays may be shapes; what is wrong in the data or the metrics comes to light here."""
        self._objective, self._model, self._data = objective, model, data
        measures = partial(_measures, objective, model)
        found = [jax.eval_shape(measures, params, testmode(state), one) for one in data.shapes]
        for name, metric in (entry for one in found for entry in one.items()):
            check_metric(name, metric)
        self.names = tuple(found[0])

    def start(self, params, state) -> jax.Array:
        """A row of all means, in the order of `names`, started on the device and not waited for."""
        state, under_way = testmode(state), deque()
        sums = _nothing(len(self.names))
        for batch in self._data:
            sums = _added(self._objective, self._model, params, state, batch, sums)
            under_way.append(sums)
            if len(under_way) > AHEAD:
                jax.block_until_ready(under_way.popleft())
        return _quotients(sums)

    def run(self, params, state) -> dict[str, float]:
        """The means by name."""
        row = np.asarray(self.start(params, state))
        return dict(zip(self.names, row.tolist(), strict=True))


def measure(
    objective: Objective, ts: TrainState, feed: Feed, data: Any, params: Any, batch_size: int
) -> dict[str, float]:
    """The means over `data`, else over those of a training, with these parameters, else its own."""
    if data is not None:
        ordered = Ordered.of(data, batch_size).checked()
    elif feed.data is not None:
        ordered = Ordered.of(feed, batch_size)  # which was looked at before
    else:
        raise ValueError("a stream has no rows to go through again: say run.evaluate(data)")
    params = ts.params if params is None else Tree.of(params)
    return Evaluation(objective, ts.model, params, ts.state, ordered).run(params, ts.state)


def predict(model, params, state, x: Any, batch_size: int = BATCH_SIZE) -> Any:
    """The outputs for all rows of x, or of an iterable of batches of them, in test mode."""
    state, outputs = testmode(state), deque()
    for batch in Ordered.of(x, batch_size):
        output = _output(model, params, state, batch)
        for leaf in jax.tree.leaves(output):
            if leaf.shape[:1] != (rows_in(batch),):
                raise ValueError(
                    f"of {short(batch)} the model makes {short(output)}, which has not one row "
                    "for each of x; call it by hand: model(x, run.params, lx.testmode(run.state))"
                )
        outputs.append(output)
        if len(outputs) > AHEAD:
            jax.block_until_ready(outputs[-AHEAD])
    return jax.tree.map(lambda *parts: jnp.concatenate(parts), *outputs)


def _measures(objective, model, params, state, batch) -> Tree:
    loss, _, metrics = objective(model, params, state, batch)
    return Tree.of({"loss": loss, **metrics})


def _nothing(metrics: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((metrics, 2), np.float32), np.zeros((metrics, 2), np.float32)


@partial(jax.jit, static_argnums=(0, 1))
def _added(objective, model, params, state, batch, sums):
    """Sums of numerators and denominators, and what their rounding has lost."""
    measures = _measures(objective, model, params, state, batch).values()
    ratios = [as_ratio(measure, rows_in(batch)) for measure in measures]
    # Kahan's summation: over ten thousand batches plain sums would lose a digit or two.
    total, lost = sums
    part = jnp.stack([jnp.stack(ratio) for ratio in ratios]) - lost
    after = total + part
    lost = (after - total) - part
    return after, jnp.where(jnp.isfinite(lost), lost, 0)


@jax.jit
def _quotients(sums):
    total, _ = sums
    return quotient(Ratio(total[:, 0], total[:, 1]))


@partial(jax.jit, static_argnums=0)
def _output(model, params, state, x):
    return model(x, params, state)[0]
