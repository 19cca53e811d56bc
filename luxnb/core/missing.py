"""An entry that a layer looks for and does not find: the error says whose, and what to write."""

import contextlib
import re

from luxnb.core.tree import Tree, nearest

_STATE, _PARAMETERS = "the state has ", "the parameters have "


def say_whose(error: Exception, place: str, params: Tree, state: Tree) -> None:
    """Let the error begin with the layer that looked; a Tree cannot know who asks it.

    `place` is "at layer_1, Dense(2, 3)". Most often the layer was given what is not its own.
    """
    with contextlib.suppress(Exception):  # an error may be of any form
        message = error.args[0] if isinstance(error, KeyError | AttributeError) else ""
        said = message.removeprefix(_STATE)
        name = re.match(r"no entry '([^']*)'", said)[1]  # type: ignore[index]
        of_state = said != message or name in params
        tree, other = (state, params) if of_state else (params, state)
        if said != f"no entry {name!r}{nearest(name, tree)}":
            return  # of another Tree
        if name in other and not isinstance(other[name], Tree):  # names of children are in both
            has = "the parameters have" if of_state else "the state has"
            said = f"no entry {name!r}, but {has}: write y, st = model(x, ps, st)"
        elif not tree:
            said += ": write ps, st = model.init(seed)"
        error.args = (f"{place}: {_STATE if of_state else _PARAMETERS}{said}",)
