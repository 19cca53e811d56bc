"""Law: a summary, also one of the backward pass, says what a layer returns and what it has."""

import jax

from luxnb import count, summary
from luxnb.inspect.trace import specs
from tests.laws.specimen import compiled


def test_its_output_and_its_parameters(specimen):
    params, state = specimen.made
    seen = summary(specimen.layer, specimen.x, params, state, backward=True)
    output = specs(compiled(specimen.layer, specimen.x, params, state)[0])
    assert jax.tree.structure(seen.output) == jax.tree.structure(output)
    assert jax.tree.leaves(seen.output) == jax.tree.leaves(output)
    assert seen.parameters == count(params)
