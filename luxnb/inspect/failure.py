"""A call that failed, as Nodes: what every layer was given and returned until then, and where and
why it ended. The call is made once more, by shapes alone."""

import contextlib
import contextvars
import dataclasses
import re

import jax

from luxnb.core.errors import Failure
from luxnb.core.probe import probing
from luxnb.core.spec import short
from luxnb.inspect.misfit import fitting
from luxnb.inspect.node import Node
from luxnb.inspect.trace import Call, Recorder
from luxnb.inspect.walk import walk

# What is said already where parameters or state do not fit.
_OF_A_MISFIT = re.compile(
    r"the (parameters|state) ha(ve|s) no entry|\w+ needs its (parameters|state) as a Tree"
)


def failed(failure: Failure) -> Node:
    """The model's Nodes with `given` and `output` of the layers that ran, the reason in the faults
    of the one that failed, and first of all, at the root, whatever does not fit the model."""
    fault = essence(failure.reason)
    if failure.params is None and failure.state is None:  # there was no call yet
        root = dataclasses.replace(walk(failure.model), faults=())
        return _filled(root, {}, failure.path, (fault,), ())
    params, state, misfits = fitting(failure.model, failure.params, failure.state)
    # In a context of its own: somebody may look while another model is running.
    tracer = contextvars.Context().run(_again, failure)
    fault, remarks = _told(fault, tracer, failure.path)
    said, remarks = ((), ()) if misfits and _OF_A_MISFIT.match(fault) else ((fault,), remarks)
    root = walk(failure.model, params, state)
    root = _filled(root, tracer.first_calls(), failure.path, said, remarks)
    return dataclasses.replace(root, faults=(*misfits, *root.faults))


def essence(reason: str) -> str:
    """The first sentence of an error, without the place, which is known, and without the name of
    an error that says no more than that something is wrong."""
    line = reason.strip().split("\n")[0].strip()
    line = re.sub(r"^\w+: (?:at [\w.]+, )?\w+\(.*\): (?=the (?:parameters|state) ha)", "", line)
    sentence = re.split(r"(?<=[\w)\]}'\"`])\.\s+(?=[A-Z])", line)[0].removesuffix(".")
    return re.sub(r"^(?:ValueError|TypeError): ", "", sentence) or sentence


def _told(fault: str, tracer: "_Tracer", path: str) -> tuple[str, tuple[str, ...]]:
    """The fault with where x came from, or else a remark on x, which the error says nothing of."""
    last = tracer.last
    if last is None or last.path != path:  # by shapes alone it does not fail, or fails elsewhere
        return fault, ()
    source = tracer.source if path else ""
    if any(short(leaf) in fault for leaf in jax.tree.leaves(last.given)):
        return f"{fault} ({source})" if source else fault, ()
    given = f"given {short(last.given)}"
    return fault, (f"{given}, {source}" if source else given,)


class _Tracer(Recorder):
    """Knows of each array by which layer it was returned."""

    def __init__(self):
        super().__init__()
        self._returned: dict[int, str] = {}
        self._kept: list = []  # so that no number is given twice
        self._sources: list[str] = []  # of what the running layers were given

    def enter(self, path, layer, x):
        leaves = jax.tree.leaves(x)
        if not self.calls:
            self._note(leaves, "input of the model")
        found = {self._returned.get(id(leaf), "") for leaf in leaves}
        self._sources.append(found.pop() if len(found) == 1 else "")
        return super().enter(path, layer, x)

    def leave(self, path, layer, y):
        self._sources.pop()
        if path:
            self._note(jax.tree.leaves(y), f"output of {path}")
        return super().leave(path, layer, y)

    def _note(self, leaves, source: str):
        self._kept += leaves
        self._returned |= {id(leaf): source for leaf in leaves}

    @property
    def source(self) -> str:
        """Where the input of the layer that runs last comes from; nothing where it is not known."""
        return self._sources[-1] if self._sources else ""

    @property
    def last(self) -> Call | None:
        """The call that was running when it ended."""
        return self._running[-1] if self._running else None

    def first_calls(self) -> dict[str, Call]:
        """By path; of those that have not ended, the last."""
        calls = {call.path: call for call in reversed(self.calls)}
        return calls | {call.path: call for call in self.calls if not call.ended}


def _again(failure: Failure) -> _Tracer:
    """The call, made again with tracers for arrays; whatever else stands in it stays as it is."""
    leaves, structure = jax.tree.flatten((failure.x, failure.params, failure.state))
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, jax.ShapeDtypeStruct)]

    def call(arrays):
        for place, array in zip(places, arrays, strict=True):
            leaves[place] = array
        return failure.model(*jax.tree.unflatten(structure, leaves))

    tracer = _Tracer()
    with contextlib.suppress(Exception), probing(tracer):  # it fails, of course
        jax.eval_shape(call, [leaves[place] for place in places])
    return tracer


def _filled(node: Node, calls: dict[str, Call], path: str, faults, remarks) -> Node:
    """The Node with what was seen of it and of those below; what failed is at `path`, or at the
    Node next to it."""
    call = calls.get(node.path)
    way = [child for child in node.children if f"{path}.".startswith(f"{child.path}.")]
    here = not way and f"{path}.".startswith(f"{node.path}." if node.path else "")
    return dataclasses.replace(
        node,
        children=tuple(_filled(child, calls, path, faults, remarks) for child in node.children),
        given=call.given if call else None,
        output=call.returned if call and call.ended else None,
        faults=node.faults + faults * here,
        remarks=node.remarks + remarks * here,
    )
