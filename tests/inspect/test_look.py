"""look is the identity in every transformation, and shows numbers where they are computed."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from luxnb.inspect.steps.look import look

X = jnp.array([0.5, 1.0, 2.0])


class Looking:
    """sum(sin(x)), with all that is seen of x and of its cotangent."""

    def __init__(self):
        self.values, self.cotangents = [], []

    def __call__(self, x):
        x = look(x, self._keep(self.values), self._keep(self.cotangents))
        return jnp.sum(jnp.sin(x))

    def _keep(self, where):
        return lambda value: where.append(np.asarray(value))  # of a tracer that is an error


def plain(x):
    return jnp.sum(jnp.sin(x))


def test_it_shows_the_value():
    looking = Looking()
    assert looking(X) == plain(X)
    np.testing.assert_array_equal(looking.values, [X])
    assert looking.cotangents == []


def test_it_shows_the_cotangent():
    looking = Looking()
    _, pull = jax.vjp(looking, X)
    np.testing.assert_array_equal(looking.values, [X])
    assert looking.cotangents == []
    pull(jnp.float32(3.0))
    np.testing.assert_allclose(looking.cotangents, [3 * np.cos(X)], rtol=1e-6)
    assert len(looking.values) == 1


def test_a_value_that_is_not_used_has_no_cotangent():
    def unused(x):
        look(x, lambda value: None, seen.append)
        return x.sum()

    seen: list = []
    np.testing.assert_array_equal(jax.grad(unused)(X), jnp.ones(3))
    assert seen == []


def scanned(function):
    return lambda x: jax.lax.scan(lambda c, _: (c + function(c), None), x, None, length=2)[0].sum()


TRANSFORMED = {
    "vmap": lambda f: lambda x: jax.vmap(f)(x[None] * X[:, None]),
    "grad": jax.grad,
    "vmap of grad": lambda f: lambda x: jax.vmap(jax.grad(f))(x[None] * X[:, None]),
    "grad of vmap": lambda f: jax.grad(lambda x: jax.vmap(f)(x[None] * X[:, None]).sum()),
    "jvp": lambda f: lambda x: jax.jvp(f, (x,), (x**2,)),
    "grad of jvp": lambda f: jax.grad(lambda x: jax.jvp(f, (x,), (x**2,))[1]),
    "jvp of grad": lambda f: lambda x: jax.jvp(jax.grad(f), (x,), (x**2,)),
    "hessian": jax.hessian,
    "jacfwd": jax.jacfwd,
    "checkpoint": lambda f: jax.grad(jax.checkpoint(f)),
    "jit": jax.jit,
    "jit of grad": lambda f: jax.jit(jax.grad(f)),
    "grad of scan": lambda f: jax.grad(scanned(f)),
    "grad of scanned checkpoint": lambda f: jax.grad(scanned(jax.checkpoint(f))),
}


@pytest.mark.parametrize("name", TRANSFORMED)
@pytest.mark.parametrize("is_disabled", [False, True])
def test_it_is_the_identity(name, is_disabled):
    looking = Looking()
    with jax.disable_jit(is_disabled):
        found = TRANSFORMED[name](looking)(X)
        expected = TRANSFORMED[name](plain)(X)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
    if is_disabled:
        assert looking.values


def test_what_is_seen_of_a_vmap_is_the_whole_batch():
    looking = Looking()
    jax.grad(lambda x: jax.vmap(looking)(x).sum())(jnp.outer(X, X))
    np.testing.assert_array_equal(looking.values, [jnp.outer(X, X)])
    np.testing.assert_allclose(looking.cotangents, [np.cos(np.outer(X, X))], rtol=1e-6)


def test_where_nothing_is_computed_nothing_is_seen():
    looking = Looking()
    jax.eval_shape(looking, X)
    assert looking.values == []


def test_compiled_it_is_nothing():
    text = jax.jit(Looking()).lower(X).as_text()
    assert "look" not in text.replace("Looking", "") and "custom_call" not in text


def test_integers_pass():
    seen: list = []
    gradient = jax.grad(lambda x: (look(jnp.arange(3), seen.append, seen.append) * x).sum())(X)
    np.testing.assert_array_equal(gradient, [0, 1, 2])
    np.testing.assert_array_equal(seen, [jnp.arange(3)])
