"""HamiltonianNN: the motion that conserves a learnt energy."""

import jax
import jax.numpy as jnp

from luxnb.core.layer import Layer
from luxnb.core.observe import tell_all, watch
from luxnb.core.spec import is_array, short


class HamiltonianNN(Layer):
    """Hamilton's equations for the energy H that `model` computes:
    (dq/dt, dp/dt) = (∂H/∂p, -∂H/∂q).

    x is (*batch, 2 · d), the positions q before the momenta p, or a pair (q, p) of two (*batch, d);
    y has the form of x. The model is given x as it is and returns one number a sample, (*batch) or
    (*batch, 1). All samples share one gradient, that of ΣH, so a model that mixes samples, as
    BatchNorm in training does, mixes them here too.

    Parameters and state: those of the model under `model`.

    S. Greydanus, M. Dzamba, J. Yosinski, Hamiltonian Neural Networks, NeurIPS 2019.

    >>> layer = HamiltonianNN(Function(lambda x: jnp.sum(x**2, axis=-1) / 2))  # an oscillator
    >>> layer(jnp.array([[3.0, 4.0]]), *layer.init(0))[0]  # q = 3, p = 4
    Array([[ 4., -3.]], dtype=float32)
    """

    model: Layer

    def check(self):
        if not isinstance(self.model, Layer):
            raise TypeError(
                f"HamiltonianNN.model must be a layer, got {self.model!r}; "
                "a function is one as Function(f)"
            )

    def forward(self, x, ps, st):
        batch = _batch(x)

        def energy(x):
            h, new = self.model(x, ps.model, st.model)
            if not is_array(h) or h.shape not in (batch, (*batch, 1)):
                raise ValueError(
                    f"expected HamiltonianNN.model to return one number a sample, of shape "
                    f"{batch} or {(*batch, 1)}; got {short(h)}"
                )
            return h.sum(), new

        def total(x):
            (h, new), seen = watch(energy)(x)
            return h, (new, seen)

        gradient, (st.model, seen) = jax.grad(total, has_aux=True)(x)
        tell_all(seen)
        if isinstance(gradient, tuple | list):
            by_position, by_momentum = gradient
            return (by_momentum, -by_position), st
        by_position, by_momentum = jnp.split(gradient, 2, axis=-1)
        return jnp.concatenate([by_momentum, -by_position], axis=-1), st


def _batch(x) -> tuple[int, ...]:
    """The shape of the batch of an even number of features, or of a pair of one shape."""
    pair = isinstance(x, tuple | list)
    first, *others = [getattr(v, "shape", ()) for v in (x if pair else (x,))] or [()]
    if first and (others == [first] if pair else first[-1] % 2 == 0):
        return first[:-1]
    raise ValueError(
        f"expected x of shape (…, 2 · d), positions before momenta, or a pair of two (…, d); "
        f"got {short(x)}"
    )
