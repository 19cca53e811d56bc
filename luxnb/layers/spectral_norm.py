"""SpectralNorm: a layer whose weights have a largest singular value of one."""

from dataclasses import KW_ONLY

import jax
import jax.numpy as jnp

from luxnb.core.keys import key_for
from luxnb.core.layer import Layer
from luxnb.core.mode import Mode
from luxnb.core.tree import Tree
from luxnb.core.types import Array, Key
from luxnb.layers.checks import above_zero, integers, positive
from luxnb.layers.named import check_named
from luxnb.ops.reparametrise import over_spectral_norm, power_iterations

WARM_UP = 15  # iterations on the fresh weight, as PyTorch


class SpectralNorm(Layer):
    """A layer whose parameters in `names` are divided by their largest singular value: w / σ.

    σ = uᵀ W v, where W is the parameter as a matrix with the places on `axis`, by default the
    outputs, as rows. Each call in `Mode.TRAIN` first does `iterations` power iterations,
    u ← W v / ‖W v‖ and v ← Wᵀ u / ‖Wᵀ u‖; in `Mode.TEST` u and v stay. The gradient goes through
    W in σ, and not through u and v. As PyTorch. `names` are names of parameters of the layer, or
    paths below it such as "layer_1.weight".

    Parameters: those of the layer under `layer`.
    State: `mode`; that of the layer under `layer`; `u` and `v`, each with an entry for each name,
    (outputs,) under `u`, (the product of the other axes,) under `v`.

    T. Miyato et al., Spectral Normalization for Generative Adversarial Networks, ICLR 2018.

    >>> layer = SpectralNorm(Dense(2, 3))
    >>> ps, st = layer.init(0)
    >>> st
    Tree(mode=Mode.TRAIN, layer=Tree(), u=Tree(weight=f32[3]), v=Tree(weight=f32[2]))
    >>> layer(jnp.ones((4, 2)), ps, st)[0].shape
    (4, 3)
    """

    layer: Layer
    names: tuple[str, ...] = ("weight",)
    _: KW_ONLY
    iterations: int = 1
    eps: float = 1e-12
    axis: int = -1

    def check(self):
        positive(self, "iterations")
        above_zero(self, "eps")
        integers(self, "axis")
        check_named(self, self.layer, self.names, self.axis)

    def init_state(self, key):
        return {"mode": Mode.TRAIN}

    def init_children(self, key):
        """Also u and v, which take some iterations on the fresh weights to be of use."""
        params, state = super().init_children(key)
        us, vs = {}, {}
        for path in self.names:
            weight = params["layer"].at[path].get()
            rows = weight.shape[self.axis]
            u = _random_unit(key_for(key_for(key, "u"), path), rows)
            v = _random_unit(key_for(key_for(key, "v"), path), weight.size // rows)
            us[path], vs[path] = power_iterations(weight, u, v, self.axis, WARM_UP, self.eps)
        return params, state | {"u": _by_path(us), "v": _by_path(vs)}

    def forward(self, x, ps, st):
        params = ps.layer
        for path in self.names:
            weight = params.at[path].get()
            u, v = st.u.at[path].get(), st.v.at[path].get()
            if st.mode is Mode.TRAIN:
                old = u, v
                u, v = power_iterations(weight, u, v, self.axis, self.iterations, self.eps)
                st.u = st.u.at[path].set(u.astype(old[0].dtype))
                st.v = st.v.at[path].set(v.astype(old[1].dtype))
            params = params.at[path].set(over_spectral_norm(weight, u, v, self.axis))
        y, st.layer = self.layer(x, params, st.layer)
        return y, st


def _random_unit(key: Key, size: int) -> Array:
    vector = jax.random.normal(key, (size,), jnp.float32)
    return vector / jnp.linalg.norm(vector)


def _by_path(values: dict[str, Array]) -> Tree:
    """A Tree with each value at its dotted path."""
    nested = {}
    for path, value in values.items():
        *above, name = path.split(".")
        inner = nested
        for step in above:
            inner = inner.setdefault(step, {})
        inner[name] = value
    return Tree.of(nested)
