"""What the kernel answers to a page, message by message; no page and no Jupyter is needed."""

import base64
import json
import re
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import luxnb as lx
from luxnb.notebook.explore.conversation import Conversation
from luxnb.notebook.explore.fields import fields
from luxnb.notebook.explore.messages import checked
from luxnb.notebook.explore.names import layer_classes, names_for
from luxnb.notebook.explore.parse import read
from luxnb.notebook.explore.samples import sample
from tests.laws.specimens import SPECIMENS
from tests.laws.table.own import Gate

MLP = lx.Chain(lx.Dense(8, 16, jax.nn.relu), lx.Dropout(0.2), lx.Dense(16, 4))


class Page:
    """One that says something and hears the answers, as they go over the wire."""

    def __init__(self, *model, **options):
        self.explorer = lx.explore(*model, **options)
        self.talk = Conversation(self.explorer, "the-place")
        self.explorer.session.observe(self.talk.changed)
        self.say("hello")

    def say(self, kind, **fields):
        message = checked({"type": kind, **fields})
        assert message is not None
        said = [*self.talk.hear(message), *(self.talk.news() if self.talk.has_news else ())]
        self.heard = {answer["type"]: answer for answer in json.loads(json.dumps(said))}
        return self.heard

    def edit(self, op, path, **fields):
        return self.say("edit", id=7, op=op, path=path, **fields)

    def rows(self, key):
        return {row["path"]: row[key] for row in self.heard["tree"]["rows"]}


@pytest.fixture
def page():
    return Page(MLP, *MLP.init(0), (2, 8))


def test_hello_is_answered_with_everything(page):
    tree, detail = page.heard["tree"], page.heard["detail"]
    assert tree["marker"] == "the-place" and tree["seq"] == 1
    assert page.rows("title") == {
        "": "Chain",
        "layer_1": "Dense(8 => 16, relu)",
        "layer_2": "Dropout(0.2)",
        "layer_3": "Dense(16 => 4)",
    }
    assert page.rows("parameters") == {"": 212, "layer_1": 144, "layer_2": 0, "layer_3": 68}
    assert page.rows("share")["layer_1"] == "68 %"
    assert page.rows("output") == {
        "": "f32[2,4]",
        "layer_1": "f32[2,16]",
        "layer_2": "f32[2,16]",
        "layer_3": "f32[2,4]",
    }
    assert page.rows("flops") == {
        "": 2 * 2 * 8 * 16 + 2 * (2 * 16) + 2 * 2 * 16 * 4 + 2 * 4,
        "layer_1": 2 * 2 * 8 * 16 + 2 * (2 * 16),
        "layer_2": 0,
        "layer_3": 2 * 2 * 16 * 4 + 2 * 4,
    }
    assert tree["total"].startswith("Total: 212 parameters (848 B)")
    assert tree["code"] == page.explorer.code
    assert (tree["undo"], tree["redo"], tree["changed"]) == (False, False, False)
    assert (tree["input"], tree["note"], tree["live"]) == ("f32[2,8]", "", None)
    assert {"Dense", "Dropout", "relu"} <= {c["name"] for c in tree["choices"]["layers"]}
    assert detail["path"] == "" and detail["title"] == "Chain"
    assert "choices" not in page.edit("remove", "layer_2")["tree"]


def test_the_detail_of_a_layer(page):
    detail = page.say("select", path="layer_1")["detail"]
    assert list(page.heard) == ["detail"]
    assert detail["title"] == "Dense(8 => 16, relu)"
    assert detail["code"] == "lx.Dense(8, 16, jax.nn.relu)"
    assert (detail["given"], detail["output"]) == ("f32[2,8]", "f32[2,16]")
    assert detail["can"] == {
        "insert": True,
        "inside": False,
        "duplicate": True,
        "remove": True,
        "moveUp": False,
        "moveDown": True,
        "replace": True,
    }
    by_name = {field["name"]: field for field in detail["fields"]}
    assert list(by_name) == [
        *("in_dims", "out_dims", "activation", "use_bias", "init_weight", "init_bias")
    ]
    assert by_name["out_dims"]["kind"] == "int" and by_name["out_dims"]["text"] == "16"
    assert by_name["activation"]["kind"] == "function"
    assert "gelu" in by_name["activation"]["choices"]
    assert by_name["use_bias"]["choices"] == ["True", "False"]
    assert by_name["use_bias"]["default"] == "True" and by_name["out_dims"]["default"] is None
    assert "init.zeros()" in by_name["init_bias"]["choices"]
    weight, _, output = detail["arrays"]
    assert (weight["name"], weight["role"], weight["spec"]) == ("weight", "parameter", "f32[8,16]")
    values = np.asarray(MLP.init(0)[0].layer_1.weight)
    assert float(weight["statistics"]["mean"]) == pytest.approx(values.mean(), rel=1e-3)
    assert float(weight["statistics"]["max"]) == pytest.approx(values.max(), rel=1e-3)
    assert sum(weight["statistics"]["counts"]) == 128
    assert output["role"] == "output" and output["statistics"] is None


def test_arrays_follow_their_layer_and_vanish_when_it_is_another(page):
    before = page.say("select", path="layer_3")["detail"]["arrays"][0]["statistics"]
    page.edit("move", "layer_3", by=-1)
    assert page.heard["detail"]["path"] == "layer_2"
    assert page.heard["detail"]["arrays"][0]["statistics"] == before
    page.edit("set", "layer_2", field="out_dims", text="5")
    assert page.heard["detail"]["arrays"][0]["statistics"] is None


def test_an_edit_is_answered_with_the_whole_model_and_its_reason(page):
    page.edit("set", "layer_1", field="out_dims", text="32")
    assert page.explorer.model[0].out_dims == 32
    tree = page.heard["tree"]
    assert tree["note"] == "layer_1.out_dims is now 32: 356 parameters (+144)"
    assert (tree["undo"], tree["changed"]) == (True, True)
    assert page.rows("changed") == {"": False, "layer_1": True, "layer_2": False, "layer_3": False}
    assert page.rows("fault")["layer_3"].startswith("expected x of shape (…, 16)")
    assert page.rows("output")["layer_2"] == "f32[2,32]" and page.rows("output")["layer_3"] == ""
    assert page.rows("flops")["layer_3"] is None
    page.edit("set", "layer_3", field="in_dims", text="32")
    assert set(page.rows("fault").values()) == {""}
    assert page.say("undo")["tree"]["note"].startswith("undone: layer_3.in_dims is now 32: ")
    assert page.say("undo")["tree"]["changed"] is False
    assert page.say("redo")["tree"]["note"].startswith("done again: layer_1.out_dims is now 32")
    assert page.say("reset")["tree"]["note"] == "the model is as it was: 212 parameters (−144)"
    assert page.explorer.model == MLP


@pytest.mark.parametrize(
    ("op", "fields", "model", "selected"),
    [
        ("insert", {"path": "", "index": 1, "text": "LayerNorm(16)"}, "Dense LayerNorm", "layer_2"),
        ("insert", {"path": "", "index": 0, "text": "tanh"}, "Function Dense", "layer_1"),
        ("duplicate", {"path": "layer_1"}, "Dense Dense Dropout", "layer_1"),
        ("remove", {"path": "layer_1"}, "Dropout Dense", "layer_1"),
        ("remove", {"path": "layer_3"}, "Dense Dropout", ""),
        ("move", {"path": "layer_1", "by": 1}, "Dropout Dense", "layer_2"),
        ("replace", {"path": "layer_2", "text": "lx.Identity()"}, "Dense Identity", "layer_2"),
        ("replace", {"path": "", "text": "Chain(Identity())"}, "Identity", ""),
    ],
)
def test_every_edit(page, op, fields, model, selected):
    page.edit(op, **fields)
    assert "refused" not in page.heard
    types = [type(layer).__name__ for layer in page.explorer.model]
    assert types[: len(model.split())] == model.split()
    assert page.heard["detail"]["path"] == selected


def test_a_bare_name_is_filled_with_what_fits_the_place(page):
    page.edit("insert", "", index=1, text="Dense")
    assert page.explorer.model[1] == lx.Dense(16, 16)
    page.edit("insert", "", index=0, text="lx.LayerNorm")
    assert page.explorer.model[0] == lx.LayerNorm(8)
    assert set(page.rows("fault").values()) == {""}


@pytest.mark.parametrize(
    ("op", "fields", "reason"),
    [
        ("set", {"path": "layer_1", "field": "out_dims", "text": "-3"}, "must be a positive integ"),
        (
            "set",
            {"path": "layer_1", "field": "out_dims", "text": "open('x')"},
            "open is not a name",
        ),
        (
            "set",
            {"path": "layer_1", "field": "nothing", "text": "3"},
            "no hyper-parameter 'nothing",
        ),
        ("set", {"path": "layer_9", "field": "rate", "text": "3"}, "there is no layer at layer_9"),
        ("set", {"path": "layer_2", "field": "rate", "text": "1.5"}, "Dropout.rate must "),
        ("replace", {"path": "layer_1", "text": "3"}, "a layer or a function goes here, got 3"),
        ("insert", {"path": "layer_1", "index": 0, "text": "tanh"}, "layer_1 is a Dense, which ha"),
        ("insert", {"path": "", "index": 9, "text": "tanh"}, "index must be from 0 to 3, got 9"),
        ("insert", {"path": "", "index": 0, "text": "Dense(3)"}, "missing 1 required positional"),
        ("insert", {"path": "", "index": 0, "text": "PatchEmbedding"}, "image_size is not a name"),
        (
            "insert",
            {"path": "nowhere", "index": 0, "text": "Dense"},
            "there is no layer at nowhere",
        ),
        ("remove", {"path": ""}, "the model itself cannot be removed"),
        ("duplicate", {"path": "nothing"}, "Chain has no child or field 'nothing'"),
        ("move", {"path": "layer_1", "by": -1}, "layer_1 is layer 1 of 3 and moves by 0 to 2"),
        ("move", {"path": "nothing", "by": 1}, "Chain has no child or field 'nothing'"),
        ("move", {"path": "a.b", "by": 1}, "there is no layer at a"),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(page, op, fields, reason):
    page.edit(op, **fields)
    assert list(page.heard) == ["refused"]
    refused = page.heard["refused"]
    assert reason in refused["reason"]
    assert (refused["id"], refused["path"]) == (7, fields["path"])
    assert refused["field"] == fields.get("field", "")
    assert page.explorer.model == MLP


def test_a_layer_that_is_gone_is_not_selected_any_more(page):
    assert page.say("select", path="not.there")["detail"]["path"] == ""
    model = lx.Chain(lx.Chain(lx.Dense(2, 2), lx.Dense(2, 2)), lx.Dense(2, 2))
    page = Page(model)
    page.say("select", path="layer_1.layer_2")
    page.explorer.session.edit(lambda version: type(version).first(lx.Chain(lx.Chain(jnp.sin))))
    page.talk.changed()
    assert [m["path"] for m in page.talk.news() if m["type"] == "detail"] == ["layer_1"]


def test_a_picture_of_an_array(page):
    src = page.say("picture", path="layer_1", entry="weight")["picture"]["src"]
    head, _, data = src.partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG")
    for path, entry in (("layer_1", "nothing"), ("layer_2", "weight")):
        assert "no values of" in page.say("picture", path=path, entry=entry)["refused"]["reason"]
    assert "no layer at" in page.say("picture", path="x", entry="x")["refused"]["reason"]


def test_frozen_parameters_are_seen_where_they_are_used():
    model = lx.Chain(lx.Dense(3, 4), lx.Frozen(lx.Dense(4, 2)))
    ps, st = model.init(0)
    page = Page(model, ps, st)
    weight = page.say("select", path="layer_2.layer")["detail"]["arrays"][0]
    values = np.asarray(st.layer_2.frozen.weight)
    assert float(weight["statistics"]["std"]) == pytest.approx(values.std(), rel=1e-3)


def test_without_an_input_there_are_no_outputs_and_no_operations():
    page = Page(MLP)
    assert set(page.rows("output").values()) == {""} and set(page.rows("flops").values()) == {None}
    assert page.heard["tree"]["input"] == ""


def test_a_model_that_cannot_be_made_is_shown_and_can_be_mended():
    page = Page(lx.Chain(lx.WeightNorm(lx.Dense(3, 4)), lx.Dense(4, 2)), x=(2, 3))
    page.edit("replace", "layer_1.layer", text="Identity()")
    assert page.heard["refused"]["reason"].startswith("WeightNorm.names must name parameters of")
    page = Page(Gate(lx.Dense(3, 4)), x=(2, 3))
    page.edit("set", "", field="dims", text="'four'")
    assert page.rows("fault")[""].startswith("init fails: TypeError")
    assert page.edit("set", "", field="dims", text="4")["tree"]["rows"][0]["fault"] == ""


def test_names_of_the_model_as_it_was_can_be_typed_again():
    def mine(x):
        return x

    page = Page(lx.Chain(lx.Dense(2, 2, mine), Gate(lx.Dense(2, 4))))
    page.edit("set", "layer_1", field="activation", text="tanh")
    page.edit("remove", "layer_2")
    page.edit("set", "layer_1", field="activation", text="mine")
    page.edit("insert", "", index=1, text="Gate(Dense(2, 3), 3)")
    assert page.explorer.model == lx.Chain(lx.Dense(2, 2, mine), Gate(lx.Dense(2, 3), 3))


@pytest.mark.parametrize("name", layer_classes())
def test_the_sample_of_a_layer_can_be_typed_unless_something_is_left_to_fill_in(name):
    text = sample(layer_classes()[name], 16)
    try:
        layer = read(text, names_for(lx.Identity()))
    except ValueError as error:
        unknown = re.match(r"(\w+) is not a name", str(error))
        assert unknown and re.search(rf"[(,] ?{unknown[1]}[,)]", text), error
    else:
        assert type(layer).__name__ == name


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda specimen: specimen.name)
def test_every_field_can_be_typed_back_and_changes_nothing(specimen):
    names = names_for(specimen.layer)
    for field in fields(specimen.layer):
        value = read(field["text"], names)
        assert lx.replace(specimen.layer, field["name"], value) == specimen.layer, field


@pytest.mark.parametrize(
    "content",
    [
        None,
        3,
        "hello",
        [],
        {},
        {"type": 3},
        {"type": ["hello"]},
        {"type": "hell"},
        {"type": "select"},
        {"type": "select", "path": 3},
        {"type": "select", "path": "x" * 30_000},
        {"type": "edit"},
        {"type": "edit", "op": "destroy", "id": 1, "path": ""},
        {"type": "edit", "op": ["set"], "id": 1, "path": ""},
        {"type": "edit", "op": "remove", "id": "1", "path": ""},
        {"type": "edit", "op": "remove", "id": True, "path": ""},
        {"type": "edit", "op": "insert", "id": 1, "path": "", "index": 1.0, "text": "tanh"},
        {"type": "edit", "op": "insert", "id": 1, "path": "", "index": 2**60, "text": "tanh"},
        {"type": "edit", "op": "set", "id": 1, "path": "", "field": None, "text": "tanh"},
        {"type": "picture", "path": ""},
    ],
)
def test_what_is_no_message(content):
    assert checked(content) is None


def test_of_a_message_only_what_means_something_is_kept():
    message = {"type": "select", "path": "a", "more": object()}
    assert checked(message) == {"type": "select", "path": "a"}


def test_an_edit_of_a_large_model_is_answered_within_a_second():
    blocks = [lx.TransformerBlock(768, 12, causal=True)] * 12
    model = lx.Chain(
        lx.Embedding(50257, 768), lx.PositionEmbedding(1024, 768), *blocks, lx.LayerNorm(768)
    )
    page = Page(model, x=jnp.zeros((1, 64), jnp.int32))
    times = []
    for heads in (8, 6, 4):
        start = time.process_time()  # what others do on the machine is not counted
        page.edit("set", "layer_7", field="heads", text=str(heads))
        times.append(time.process_time() - start)
        assert page.explorer.model[6].heads == heads
    assert min(times) < 1


def test_the_latest_edit_wins(page):
    page.explorer.edit("layer_2", rate=0.3)
    assert list(page.talk.news(is_late=lambda: True)) == []
    page.explorer.edit("layer_2", rate=0.4)
    tree, detail = page.talk.news()
    assert tree["note"].startswith("layer_2.rate is now 0.4") and detail["type"] == "detail"
    assert not page.talk.has_news
