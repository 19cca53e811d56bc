"""Exploration: a model that is looked into and edited, whoever does it."""

import functools
from typing import Any, Self

from luxnb.core.layer import Layer
from luxnb.core.tree import Tree
from luxnb.core.view import View, Viewable, view
from luxnb.display.cards import card
from luxnb.inspect.node import Node
from luxnb.inspect.transfer import transfer
from luxnb.notebook.explore import edits
from luxnb.notebook.explore.code import code_of
from luxnb.notebook.explore.evaluate import evaluate
from luxnb.notebook.explore.session import Session
from luxnb.train.run import Run


class Exploration(Viewable):
    """A model, what was done to it, and the arrays that it was explored with.

    What is done on the page and what is done from code is the same; each edit can be undone.
    """

    def __init__(self, model: Layer, params=None, state=None, x=None, run: Run | None = None):
        self._session = Session(model)
        self._given = params, state
        self._x, self._run = x, run
        self._evaluated = functools.lru_cache(maxsize=16)(lambda model: evaluate(model, x))

    @property
    def model(self) -> Layer:
        """The model as it is now."""
        return self._session.now.model

    @property
    def original(self) -> Layer:
        """The model before all edits."""
        return self._session.original

    @property
    def code(self) -> str:
        """The Python that builds the model as it is now."""
        return code_of(self.model)

    def edit(self, path: str, /, **fields) -> Self:
        """Change hyper-parameters of the layer at `path`: `explorer.edit("layer_1", out_dims=64)`.

        What the layer's constructor refuses is a ValueError, and nothing is changed.
        """
        if not fields:
            raise ValueError(f"say what to change: edit({path!r}, name=value)")
        self._session.edit(edits.set_fields, path, fields)
        return self

    def undo(self) -> bool:
        """Take back the last edit; False when there is none."""
        return self._session.undo()

    def redo(self) -> bool:
        """Do again what was undone; False when there is nothing."""
        return self._session.redo()

    def transfer(self, params: Any = None, state: Any = None, key: Any = 0) -> Any:
        """Parameters and state for the model as it is now.

        Those of layers that are what they were keep their values, wherever they have moved; all
        others are made anew from `key`, a seed or a random key. `params` and `state` belong to the
        model before all edits, and by default are those that were explored. Without a state only
        parameters are returned.
        """
        if params is None:
            params, given = self.arrays()
            state = given if state is None else state
        if params is None:
            raise ValueError(
                "there are no parameters to transfer: explore(model, ps, st), or give them here"
            )
        version = self._session.now
        return transfer(self.original, version.model, params, state, key=key, paths=version.origins)

    def arrays(self) -> tuple[Tree | None, Tree | None]:
        """Parameters and state that were given, or those of the run, as they are at this moment."""
        if self._run is None:
            return self._given
        ts = self._run.latest_ts
        return (None, None) if ts is None else (ts.params, ts.state)

    def node(self, model: Layer | None = None) -> Node:
        """A version of the model, that of now, by shapes alone: outputs, costs, faults."""
        return self._evaluated(self.model if model is None else model)

    @property
    def session(self) -> Session:
        """Every version of the model."""
        return self._session

    @property
    def run(self) -> Run | None:
        """The training that is looked into, if it is one."""
        return self._run

    @property
    def x(self) -> Any:
        """The shapes of the input, if it is known."""
        return self._x

    def __repr__(self):
        edited = ", edited" * (self.model != self.original)
        return f"<Explorer of {type(self.model).__name__}{edited}>"


@view.register
def view_exploration(exploration: Exploration) -> View:
    """The tree of the model as it is now."""
    return card(exploration.node())
