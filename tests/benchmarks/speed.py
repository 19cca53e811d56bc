"""Steps per second of `fit` against loops written by hand, each in turns with it.

    python tests/benchmarks/speed.py

Prints the median over pairs of each ratio; greater than 1 is faster than by hand.

- step: `for i in …: ts, loss = step(ts, batch)`, one jitted, donated step a dispatch.
- scan: `lax.scan` over the same step, batches taken in the order of the rows, not shuffled.
- scan, shuffled: the same with `jax.random.permutation` of every epoch, as `fit` shuffles.
"""

import statistics
import time
from functools import partial

import jax
import jax.numpy as jnp
import models
import optax

import luxnb as lx

ROUNDS = 9


def by_hand(model, data, loss, optimizer, batch_size):
    """The three loops: functions of a number of steps."""
    params, state = model.init(0)
    carry = params, state, optimizer.init(params)
    per_epoch = len(data[0]) // batch_size
    data = jax.tree.map(jnp.asarray, data)

    def step(carry, batch):
        params, state, optimizer_state = carry

        def loss_of(params):
            prediction, after = model(batch[0], params, state)
            return loss(prediction, batch[1]), after

        (value, after), gradient = jax.value_and_grad(loss_of, has_aux=True)(params)
        updates, optimizer_state = optimizer.update(gradient, optimizer_state, params)
        return (optax.apply_updates(params, updates), after, optimizer_state), value

    def rows(i):
        return i % per_epoch * batch_size + jnp.arange(batch_size)

    def take(indices):
        return jax.tree.map(lambda a: a[indices], data)

    jitted = jax.jit(lambda carry, i: step(carry, take(rows(i))), donate_argnums=0)

    @partial(jax.jit, static_argnums=1)
    def scan(carry, n):
        return jax.lax.scan(lambda c, i: step(c, take(rows(i))), carry, jnp.arange(n))

    @partial(jax.jit, static_argnums=1)
    def shuffled(carry, n):
        def epoch(carry, number):
            key = jax.random.fold_in(jax.random.key(0), number)
            order = jax.random.permutation(key, len(data[0]))
            return jax.lax.scan(
                lambda c, i: step(c, take(order[rows(i)])), carry, jnp.arange(per_epoch)
            )

        return jax.lax.scan(epoch, carry, jnp.arange(n // per_epoch))

    def stepwise(n):
        now = jax.tree.map(jnp.copy, carry)
        for i in range(n):
            now, value = jitted(now, i)
        return jax.block_until_ready(value)

    return {
        "step": stepwise,
        "scan": lambda n: jax.block_until_ready(scan(carry, n)),
        "scan, shuffled": lambda n: jax.block_until_ready(shuffled(carry, n)),
    }


def main():
    for name, steps in (("tiny", 32768), ("digits", 4400), ("lenet", 160)):
        model, data, loss, optimizer, batch_size = getattr(models, name)()
        run = lx.fit(
            model, data, loss=loss, optimizer=optimizer, batch_size=batch_size, steps=2 * steps
        )
        rates = []
        for loop, train in by_hand(model, data, loss, optimizer, batch_size).items():
            train(steps)
            pairs = [
                in_turns(lambda n, run=run: run.fit(steps=n), train, steps, first=i % 2)
                for i in range(ROUNDS)
            ]
            ratio = statistics.median(b / a for a, b in pairs)
            micros = statistics.median(b for _, b in pairs) / steps * 1e6
            rates += [steps / a for a, _ in pairs]
            print(f"{name}: fit against {loop:<15} {ratio:6.2f} ×   ({micros:,.1f} µs a step)")
        print(f"{name}: fit takes {statistics.median(rates):,.0f} steps/s, {run.executor} executor")


def in_turns(fit, loop, steps: int, first: int) -> tuple[float, float]:
    """The seconds of both, one right after the other."""
    seconds = {}
    for train in (fit, loop) if first else (loop, fit):
        begin = time.perf_counter()
        train(steps)
        seconds[train] = time.perf_counter() - begin
    return seconds[fit], seconds[loop]


if __name__ == "__main__":
    main()
