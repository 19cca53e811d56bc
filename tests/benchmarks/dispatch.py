"""What Python costs a dispatch of a step, by the number of arrays that go in and come out.

    python tests/benchmarks/dispatch.py

The step does nothing but add one to each of so many numbers. A run of luxnb that dispatches single
steps passes a list; a loop by hand, a dict of dicts, or the Tree that its parameters are.
"""

import statistics
import time

import jax
import jax.numpy as jnp

import luxnb as lx

ROUNDS, SECONDS = 9, 0.1  # of a round of each


def nested(leaves: list) -> dict:
    """Four to a layer, as weight and bias have moments."""
    return {
        f"layer_{i}": dict(zip("abcd", leaves[i : i + 4], strict=False))
        for i in range(0, len(leaves), 4)
    }


def contenders(count: int):
    """name -> (the compiled step, what it is first given)."""
    forms = {"list": list, "dict": nested, "Tree": lambda leaves: lx.Tree.of(nested(leaves))}
    forms["one vector"] = jnp.stack
    step = jax.jit(lambda tree: jax.tree.map(lambda a: a + 1, tree), donate_argnums=0)
    for name, form in forms.items():
        tree = form([jnp.float32(i) for i in range(count)])
        yield name, step.lower(tree).compile(), tree


def dispatched(step, tree, n: int):
    """Seconds of one of n dispatches, and the result."""
    begin = time.perf_counter()
    for _ in range(n):
        tree = step(tree)
    jax.block_until_ready(tree)
    return (time.perf_counter() - begin) / n, tree


def main():
    for count in (10, 100, 1000):
        made = {name: [step, tree] for name, step, tree in contenders(count)}
        times = {name: [] for name in made}
        for _ in range(ROUNDS):
            for name, (step, tree) in made.items():
                seconds, tree = dispatched(step, tree, 3)
                seconds, made[name][1] = dispatched(step, tree, max(3, int(SECONDS / seconds)))
                times[name].append(seconds)
        medians = {name: statistics.median(taken) for name, taken in times.items()}
        shown = "   ".join(f"{name} {1e6 * t:,.0f} µs" for name, t in medians.items())
        ratio = statistics.median(a / b for a, b in zip(times["list"], times["dict"], strict=True))
        print(f"{count:>5} arrays: {shown}   list / dict {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
