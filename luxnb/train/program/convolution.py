"""Whether a program holds a convolution, which XLA makes many times slower in a loop on CPU."""


def has_convolution(jaxpr) -> bool:
    """Whether there is one in the equations of a jaxpr, or in a program inside of them."""
    return any(
        equation.primitive.name == "conv_general_dilated"
        or any(has_convolution(inner) for inner in _inner(equation.params.values()))
        for equation in jaxpr.eqns
    )


def _inner(values):
    """The programs inside an equation: bodies of loops, branches, calls."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from _inner(value)
        elif hasattr(value, "jaxpr"):
            yield value.jaxpr
        elif hasattr(value, "eqns"):
            yield value
