"""The one trace of a step: the user's model and objective are run once, with shapes for values."""

import jax
import jax.core
import jax.numpy as jnp

from luxnb.core.spec import short
from luxnb.train.program.plan import Plan
from luxnb.train.step.hyperparameters import recorded
from luxnb.train.step.step import pure_step


def trace_advance(plan: Plan):
    """`after, finite, row = advance(ts, origin, order, arrays)`, its metrics' names, and its jaxpr.

    What is wrong in the model or the objective comes to light here.
    """
    step = pure_step(plan.objective, plan.optimizer, plan.options)
    source, names, trees = plan.source, [], []

    def advance(ts, origin, order, arrays):
        after, metrics = step(ts, source.batch(arrays, origin, order, ts.step))
        _check_same(ts, after)
        metrics = {**metrics, **_new(recorded(after.optimizer_state), metrics)}
        _check_numbers(metrics)
        names.extend(metrics)
        row = jnp.stack([jnp.asarray(m, jnp.float32) for m in metrics.values()])
        leaves, tree = jax.tree.flatten((after, jnp.isfinite(metrics["loss"]), row))
        trees.append(tree)
        return leaves

    key = jax.eval_shape(lambda: jax.random.key(0))
    ts, arrays = plan.ts.tree, plan.arrays.tree
    order = jax.eval_shape(source.order, key, ts.step)
    jaxpr = jax.make_jaxpr(advance)(ts, ts.step, order, arrays)

    def replay(*arguments):
        leaves = jax.core.eval_jaxpr(jaxpr.jaxpr, jaxpr.consts, *jax.tree.leaves(arguments))
        return jax.tree.unflatten(trees[0], leaves)

    return replay, tuple(names), jaxpr


def _new(entries, metrics):
    return {name: value for name, value in entries.items() if name not in metrics}


def _check_same(before, after) -> None:
    old, new = (jax.tree_util.tree_leaves_with_path(ts) for ts in (before, after))
    if [path for path, _ in old] != [path for path, _ in new]:
        raise ValueError(
            "the objective must return a state with the entries of the one it is given"
        )
    for (path, a), (_, b) in zip(old, new, strict=True):
        if jnp.shape(a) != jnp.shape(b) or a.dtype != b.dtype:
            name = jax.tree_util.keystr(path).lstrip(".")
            raise ValueError(
                f"a step changes {name} from {short(a)} to {short(b)}; "
                "shapes and types must stay as they are"
            )


def _check_numbers(metrics) -> None:
    for name, value in metrics.items():
        if jnp.shape(value) != ():
            raise ValueError(f"metric {name!r} must be one number, got {short(value)}")
