"""WeightNorm: a layer whose weights are kept as length and direction."""

from dataclasses import KW_ONLY

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.layers.checks import integers
from luxnb.layers.named import check_named
from luxnb.ops.reparametrise import join_length, split_length


class WeightNorm(Layer):
    """A layer whose parameters in `names` are kept as length and direction: w = g · v / ‖v‖.

    There is a length for each place on `axis`, by default the last one, that of the outputs; with
    `axis=None` there is one for the whole array. ‖·‖ is over all other axes. `names` are names of
    parameters of the layer, or paths below it such as "layer_1.weight". Fresh weights are those of
    the layer alone; a fresh vector of zeros is g = 0 and v = 1, and so can learn.

    Parameters: those of the layer under `layer`, with `weight_g` (outputs,), or () if `axis=None`,
    and `weight_v`, which has the shape of `weight`, in the place of `weight`; so for each name.
    State: that of the layer under `layer`.

    T. Salimans, D. P. Kingma, Weight Normalization, NeurIPS 2016.

    >>> layer = WeightNorm(Dense(2, 3))
    >>> ps, st = layer.init(0)
    >>> ps
    Tree(layer=Tree(weight_g=f32[3], weight_v=f32[2,3], bias=f32[3]))
    >>> layer(jnp.ones((4, 2)), ps, st)[0].shape
    (4, 3)
    """

    layer: Layer
    names: tuple[str, ...] = ("weight",)
    _: KW_ONLY
    axis: int | None = -1

    def check(self):
        if self.axis is not None:
            integers(self, "axis")
        check_named(self, self.layer, self.names, self.axis)

    def init_children(self, key):
        params, state = super().init_children(key)
        for path in self.names:
            params["layer"] = self._split(params["layer"], path)
        return params, state

    def forward(self, x, ps, st):
        params = ps.layer
        for path in self.names:
            params = self._join(params, path)
        y, st.layer = self.layer(x, params, st.layer)
        return y, st

    def _split(self, params: Tree, path: str) -> Tree:
        """The parameters with `name_g` and `name_v` in the place of the one that is named."""
        above, _, name = path.rpartition(".")

        def split(tree):
            length, direction = split_length(tree[name], self.axis)
            return _exchange(tree, {name: {f"{name}_g": length, f"{name}_v": direction}})

        return params.at[above].apply(split) if above else split(params)

    def _join(self, params: Tree, path: str) -> Tree:
        """The inverse of `_split`."""
        above, _, name = path.rpartition(".")

        def join(tree):
            weight = join_length(tree[f"{name}_g"], tree[f"{name}_v"], self.axis)
            return _exchange(tree, {f"{name}_g": {name: weight}, f"{name}_v": {}})

        return params.at[above].apply(join) if above else join(params)


def _exchange(tree: Tree, by_name: dict[str, dict]) -> Tree:
    """The tree with other entries in the places of some."""
    entries = {}
    for name, value in tree.items():
        entries |= by_name.get(name, {name: value})
    return Tree.of(entries)
