"""What the kernel answers to a page. Nothing here knows Jupyter."""

from collections.abc import Callable, Iterator
from typing import Any

from luxnb.display.plain import plain
from luxnb.notebook.explore import edits
from luxnb.notebook.explore.detail import detail, node_at, picture
from luxnb.notebook.explore.edits import Version, layer_at
from luxnb.notebook.explore.exploration import Exploration
from luxnb.notebook.explore.names import layer_classes, names_for
from luxnb.notebook.explore.parse import read
from luxnb.notebook.explore.rows import live, tree
from luxnb.notebook.explore.samples import choices, common_width, sample, width_before

Message = dict[str, Any]


class Conversation:
    """With the pages of one explorer. `hear` is quick; `news` evaluates the model, which may take
    as long as it takes to trace it, and so is asked for when there is nothing left to hear."""

    def __init__(self, explorer: Exploration, marker: str = ""):
        self._explorer, self.marker = explorer, marker
        self._seq = 0
        self._selected = ""
        self.greeted = self._choices_wanted = False
        self._tree_wanted = self._detail_wanted = False

    def hear(self, message: Message) -> Iterator[Message]:
        """Do what a checked message asks for; what is to be answered at once is yielded."""
        explorer, kind = self._explorer, message["type"]
        if kind == "edit":
            try:
                self._edit(message)
            except ValueError as error:
                yield self._refused(message, str(error))
        elif kind == "picture":
            yield from self._picture(message["path"], message["entry"])
        elif kind == "select":
            self._selected, self._detail_wanted = message["path"], True
        elif kind == "hello":
            self.greeted = self._choices_wanted = True
            self.changed()
        elif kind == "reset":
            explorer.session.reset()
        else:
            explorer.undo() if kind == "undo" else explorer.redo()
            self.changed()

    def changed(self) -> None:
        """Note that the model has changed, and the page has to hear of it."""
        self._tree_wanted = self._detail_wanted = True

    def forget(self) -> None:
        """Give up what was to be told."""
        self._tree_wanted = self._detail_wanted = False

    @property
    def has_news(self) -> bool:
        return self.greeted and (self._tree_wanted or self._detail_wanted)

    def news(self, is_late: Callable[[], bool] = lambda: False) -> Iterator[Message]:
        """The tree and the chosen layer, as far as they are wanted; nothing if it `is_late` once
        the model is evaluated, because somebody wants something else by then."""
        explorer = self._explorer
        version = explorer.session.now
        root = explorer.node(version.model)
        if is_late():
            return
        if self._tree_wanted:
            self._tree_wanted = False
            yield self._tree(root)
        if self._detail_wanted:
            self._detail_wanted = False
            yield self.detail(root)

    def detail(self, root) -> Message:
        """The chosen layer; where it is gone, the nearest that is above it."""
        while True:
            try:
                node_at(root, self._selected)
            except ValueError:
                self._selected = self._selected.rpartition(".")[0]
            else:
                return {"type": "detail", **detail(self._explorer, root, self._selected)}

    def live(self) -> Iterator[Message]:
        """How the run stands, with the numbers of the chosen layer as they are now."""
        yield {"type": "live", "live": live(self._explorer)}
        yield self.detail(self._explorer.node())

    # ----------------------------------------------------------------------------------------------

    def _tree(self, root) -> Message:
        self._seq += 1
        said = {"type": "tree", "seq": self._seq, "marker": self.marker}
        said |= tree(self._explorer, root)
        if self._choices_wanted:
            self._choices_wanted = False
            said["choices"] = {"layers": choices(root)}
        return said

    def _edit(self, message: Message) -> None:
        path, session = message["path"], self._explorer.session
        match message["op"]:
            case "set":
                value = read(message["text"], self._names())
                session.edit(edits.set_fields, path, {message["field"]: value})
            case "replace":
                session.edit(edits.put_layer, path, self._layer(message["text"], path, -1))
            case "insert":
                index = message["index"]
                layer = self._layer(message["text"], path, index)
                session.edit(edits.insert, path, index, layer)
                path = self._child(session.now, path, index)
            case "duplicate":
                session.edit(edits.duplicate, path)
            case "remove":
                session.edit(edits.remove, path)
            case "move":
                above, index = self._place(path)
                session.edit(edits.move, path, message["by"])
                path = self._child(session.now, above, index + message["by"])
        self._selected = path

    def _names(self):
        names, original = names_for(self._explorer.model), names_for(self._explorer.original)
        names.values = original.values | names.values  # also what an edit has taken out
        names.makers = original.makers | names.makers
        return names

    def _layer(self, text: str, path: str, index: int):
        """The layer that was typed; of a bare name, one that fits the place."""
        kind = layer_classes().get(text.strip().removeprefix("lx."))
        if kind is not None:
            root = self._explorer.node()
            width = width_before(node_at(root, path), index) or common_width(root)
            text = sample(kind, width)
        return read(text, self._names())

    def _place(self, path: str) -> tuple[str, int]:
        """The container of a layer, and which of its layers it is."""
        above, _, name = path.rpartition(".")
        names = list(layer_at(self._explorer.model, above).children())
        return above, names.index(name) if name in names else 0

    @staticmethod
    def _child(version: Version, path: str, index: int) -> str:
        name = list(layer_at(version.model, path).children())[index]
        return f"{path}.{name}" if path else name

    def _picture(self, path: str, entry: str) -> Iterator[Message]:
        try:
            src = picture(self._explorer, path, entry)
        except Exception as error:  # whatever an array has in store
            yield self._refused({"path": path, "field": entry}, str(error))
        else:
            yield {"type": "picture", "path": path, "entry": entry, "src": src}

    @staticmethod
    def _refused(message: Message, reason: str) -> Message:
        return {
            "type": "refused",
            "id": message.get("id", 0),
            "path": message["path"],
            "field": message.get("field", ""),
            "reason": plain(reason, 600),
        }
