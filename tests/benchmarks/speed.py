"""Steps per second of `fit` against loops written by hand, all in one process, in turns.

    python tests/benchmarks/speed.py

Prints, for each model, the median over rounds of each ratio; greater than 1 is faster than by hand.

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
        loops = by_hand(model, data, loss, optimizer, batch_size) | {
            "fit": lambda n, run=run: run.fit(steps=n)
        }
        seconds = {loop: [] for loop in loops}
        for round_ in range(ROUNDS + 1):
            turns = list(loops.items())
            for loop, train in turns[round_ % 4 :] + turns[: round_ % 4]:  # no loop always first
                begin = time.perf_counter()
                train(steps)
                if round_:
                    seconds[loop].append(time.perf_counter() - begin)
        rate = steps / statistics.median(seconds["fit"])
        print(f"{name}: {run.executor} executor, {rate:,.0f} steps/s")
        for loop in ("step", "scan", "scan, shuffled"):
            ratio = statistics.median(
                a / b for a, b in zip(seconds[loop], seconds["fit"], strict=True)
            )
            micros = statistics.median(seconds[loop]) / steps * 1e6
            print(f"  fit against {loop:<15} {ratio:6.2f} ×   ({micros:,.1f} µs a step by hand)")


if __name__ == "__main__":
    main()
