"""Options: how a step is taken, beyond its objective and its optimiser."""

from dataclasses import dataclass

from luxnb.core.tree import Tree


@dataclass(frozen=True)
class Options:
    """Part of the program of a step, and of the recipe of a run."""

    def extras(self, params: Tree) -> Tree:
        """What these options remember from step to step, before the first."""
        return Tree()


PLAIN = Options()
