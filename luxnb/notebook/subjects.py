"""What `diff` compares of a training. This room knows what is trained and how it is inspected."""

import dataclasses

from luxnb.inspect.diff.subject import Subject, model, subject, tree
from luxnb.inspect.node import Node
from luxnb.train.run import Run
from luxnb.train.state import TrainState


@subject.register
def of_train_state(ts: TrainState) -> Subject:
    """The model with its parameters and state, the optimiser's state, and the step."""
    children = {
        "model": model(ts.model, ts.params, ts.state),
        "optimizer_state": tree(ts.optimizer_state),
    }
    below = tuple(_under(name, name, node) for name, node in children.items())
    return Subject("a TrainState", Node("", "TrainState", params={"step": ts.step}, children=below))


@subject.register
def of_run(run: Run) -> Subject:
    """Its TrainState, where the run stands."""
    return of_train_state(run.ts)


def _under(path: str, name: str, node: Node) -> Node:
    """The Node and all below it, below `path`."""
    children = tuple(_under(f"{path}.{child.name}", child.name, child) for child in node.children)
    return dataclasses.replace(node, path=path, name=name, children=children)
