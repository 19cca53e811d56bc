"""Calls that fail, each in a way of its own: `CASES[name]()` raises."""

import jax
import jax.numpy as jnp
import numpy as np

import luxnb as lx

X = jnp.ones((2, 4))
KEPT = []


class Body(lx.Layer):
    """`forward` as it is given: body(layer, x, ps, st)."""

    body: object
    a: lx.Layer = lx.Dense(4, 3)
    b: lx.Layer = lx.Dense(4, 2)

    def init_state(self, key):
        return {"seen": jnp.zeros(())}

    def forward(self, x, ps, st):
        return self.body(self, x, ps, st)


class Unmade(lx.Layer):
    def init_params(self, key):
        raise RuntimeError("no memory left")


MLP = lx.Chain(lx.Dense(4, 8), lx.BatchNorm(8), lx.Dropout(0.5), lx.Dense(8, 1))
PS, ST = MLP.init(0)


def run(model, x=X, jit=False):
    return (jax.jit(lambda *args: model(*args)) if jit else model)(x, *model.init(0))


def with_weight(name, shape):
    """Parameters of the MLP with another entry in the place of its last weight."""
    last = {name: jnp.ones(shape), "bias": PS.layer_4.bias}
    return lx.Tree.of({**PS.to_dict(), "layer_4": last})


def both(layer, x, ps, st):
    left, st.a = layer.a(x, ps.a, st.a)
    right, st.b = layer.b(x, ps.b, st.b)
    return left, right


def adds(layer, x, ps, st):
    left, right = both(layer, x, ps, st)
    return left + right, st


def multiplies(layer, x, ps, st):
    left, right = both(layer, x, ps, st)
    return left @ right, st


def forgets(layer, x, ps, st):
    return layer.a(x, ps.a, st.a)[0], st


def mistypes(layer, x, ps, st):
    return x + st.sene, st


def raises(error):
    def body(layer, x, ps, st):
        raise error

    return body


def keeps(x):
    KEPT.append(x)
    return x


def leaks():
    run(lx.Chain(keeps), jit=True)
    run(lx.Chain(lx.Dense(4, 4), lambda x: x + KEPT.pop()))


CASES = {
    "features": lambda: run(lx.Chain(lx.Dense(4, 8), jnp.tanh, lx.Dense(9, 1))),
    "input": lambda: run(MLP, jnp.ones((2, 5))),
    "root": lambda: run(lx.Dense(3, 1)),
    "input that is no array": lambda: run(MLP, "words"),
    "channels": lambda: run(lx.Chain(lx.Conv((3, 3), 3, 8)), jnp.ones((1, 8, 8, 1))),
    "axes": lambda: run(lx.Chain(lx.MaxPool((2, 2)), lx.Flatten()), jnp.ones((8, 8))),
    "indices": lambda: run(lx.Chain(lx.Embedding(10, 4))),
    "in a loop": lambda: run(
        lx.Chain(lx.Dense(4, 5), lx.Recurrence(lx.GRUCell(4, 3))), jnp.ones((2, 7, 4))
    ),
    "under vmap": lambda: jax.vmap(lambda x: run(MLP, x))(jnp.ones((3, 2, 5))),
    "addition": lambda: run(lx.Chain(Body(adds))),
    "product": lambda: run(lx.Chain(Body(multiplies))),
    "exchanged": lambda: MLP(X, ST, PS),
    "misspelt": lambda: MLP(X, with_weight("wieght", (8, 1)), ST),
    "shape of a weight": lambda: MLP(X, with_weight("weight", (9, 1)), ST),
    "another model": lambda: lx.Chain(head=lx.Dense(4, 1))(X, PS, lx.Tree(head=lx.Tree())),
    "no parameters": lambda: MLP(X, lx.Tree(), ST),
    "no state": lambda: MLP(X, PS, lx.Tree()),
    "order": lambda: MLP(PS, X, ST),
    "state that is no Tree": lambda: MLP(X, PS, [1]),
    "choice under jit": lambda: run(lx.Chain(lambda x: x if x.sum() > 0 else -x), jit=True),
    "number under jit": lambda: run(lx.Chain(lambda x: x * float(x.sum())), jit=True),
    "numpy under jit": lambda: run(lx.Chain(lambda x: np.sin(x)), jit=True),
    "leak": leaks,
    "value": lambda: run(lx.Chain(lx.Dense(4, 4), lambda x: x / (1 // int(x[0, 0] * 0)))),
    "forgotten state": lambda: run(Body(forgets, lx.BatchNorm(4))),
    "misspelt state": lambda: run(lx.Chain(Body(mistypes))),
    "no state returned": lambda: run(lx.Chain(Body(lambda layer, x, ps, st: x))),
    "own error": lambda: run(lx.Chain(Body(raises(RuntimeError("Not today. Perhaps tomorrow."))))),
    "own key error": lambda: run(lx.Chain(Body(raises(KeyError("gate"))))),
    "init": lambda: lx.Chain(lx.Dense(4, 8), lx.Chain(body=Unmade())).init(0),
}
