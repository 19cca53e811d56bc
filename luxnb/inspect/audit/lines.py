"""Lines of code that an audit shows: what to write instead."""

import re


def commented(*pairs: tuple[str, str]) -> str:
    """Lines with their comments in one column; without a comment a line stands alone."""
    widest = max((len(code) for code, comment in pairs if comment), default=0)
    return "\n".join(
        f"{code:<{widest}}  # {comment}" if comment else code for code, comment in pairs
    )


def in_params(name: str) -> str:
    return commented((f'return {{"{name}": …}}', "in init_params"), (f"ps.{name}", "in forward"))


def in_state(name: str, start: str = "…", new: str = "…") -> str:
    return commented(
        (f'return {{"{name}": {start}}}', "in init_state"),
        (f"st.{name} = {new}", "in forward"),
    )


DRAW = commented(
    ('return {"key": key, "mode": lx.Mode.TRAIN}', "in init_state"),
    ("key, st.key = jax.random.split(st.key)", "in forward"),
    ("noise = jax.random.normal(key, x.shape)", ""),
)

COUNT = in_state("count", "0", "st.count + 1")


def constant(name: str, value: str) -> str:
    """An array that is not trained, and so belongs to the state."""
    return commented(
        (f'return {{"{name}": {value}}}', "in init_state"), (f"st.{name}", "in forward")
    )


def drawn(name: str) -> str:
    """An array of parameters, drawn with the key that belongs to its name."""
    return f'{name} = jax.random.normal(lx.key_for(key, "{name}"), shape)'


# What is said above, as a compact layer says it.
_SHORT = (
    (r'return \{"key": key, "mode": lx\.Mode\.TRAIN\}', "key=lx.RandomKey(), mode=lx.Mode.TRAIN"),
    (r'return \{"(\w+)": .*\}(?=\s+# in init_params)', r"\1=lx.Param(init, shape)"),
    (r'return \{"(\w+)": .*\}(?=\s+# in init_state)', r"\1=lx.State(init, shape)"),
    (r"# in init_(params|state)", "# in @lx.compact(…)"),
    (r"# in forward", "# in the function"),
    (r"\b(st|ps)\.", "m."),
    (r"\breturn (\w+), st\b", r"return \1"),
)


def short_form(lines: str) -> str:
    """The same lines for a compact layer, which declares its parts and finds them all in `m`."""
    for long, short in _SHORT:
        lines = re.sub(long, short, lines)
    pairs = (re.fullmatch(r"(.*?)(?:\s+# (.*))?", line) for line in lines.split("\n"))
    return commented(*((pair[1], pair[2] or "") for pair in pairs if pair))
