"""Editing in the explorer: fields, layers, undo, by keyboard and by mouse."""

import pytest

from tests.notebook.explore_page import CAN, DENSE, MLP, detail, row


def test_a_field_is_edited_by_keyboard(mlp):
    mlp.row("layer_1").focus()
    mlp.press("Enter")
    assert mlp.focused() == "in_dims"
    mlp.press("Tab")
    mlp.page.keyboard.type("128")
    mlp.press("Enter")
    assert mlp.edits() == [{"op": "set", "path": "layer_1", "field": "out_dims", "text": "128"}]
    fields = [dict(f, text="128") if f["name"] == "out_dims" else f for f in DENSE["fields"]]
    mlp.tell(MLP, DENSE | {"fields": fields, "title": "Dense(784 => 128, relu)"}, note="done")
    assert mlp.focused() == "out_dims" and mlp.field("out_dims").input_value() == "128"
    mlp.press("Tab")  # leaving it asks nothing again
    assert len(mlp.edits()) == 1
    mlp.press("Escape")
    assert mlp.focused() == "layer_1"


def test_a_field_is_edited_by_mouse(mlp):
    mlp.field("use_bias").click()
    mlp.field("out_dims").fill("64")
    mlp.row("layer_1").click()  # leaving it commits
    mlp.field("activation").click()
    mlp.page.get_by_role("option", name="jax.nn.gelu").click()
    assert [(e["field"], e["text"]) for e in mlp.edits()] == [
        ("use_bias", "False"),
        ("out_dims", "64"),
        ("activation", "jax.nn.gelu"),
    ]


def test_the_spinner_commits(mlp):
    mlp.field("out_dims").focus()
    mlp.press("ArrowUp")
    assert [e["text"] for e in mlp.edits()] == ["257"]


def test_escape_gives_a_field_its_value_back(mlp):
    mlp.field("out_dims").fill("1")
    mlp.press("Escape")
    assert mlp.field("out_dims").input_value() == "256"
    assert mlp.focused() == "layer_1" and mlp.edits() == []


def test_choices_are_suggested_and_any_text_is_taken(mlp):
    box = mlp.field("activation")
    box.focus()
    mlp.press("ArrowDown", "ArrowDown", "ArrowDown")
    assert box.input_value() == "jax.nn.gelu"
    assert box.get_attribute("aria-expanded") == "true"
    chosen = mlp.page.locator(f"[id='{box.get_attribute('aria-activedescendant')}']")
    assert chosen.inner_text().strip() == "jax.nn.gelu"
    box.fill("tan")
    mlp.settle()
    assert mlp.page.get_by_role("option").all_inner_texts() == ["jnp.tanh"]
    box.fill("jax.nn.mish")
    mlp.press("Enter")
    assert [e["text"] for e in mlp.edits()] == ["jax.nn.mish"]
    assert mlp.page.get_by_role("option").count() == 0


def test_a_refused_edit_shows_its_reason_at_the_field_and_keeps_the_text(mlp):
    mlp.field("out_dims").fill("-1")
    mlp.press("Enter")
    mlp.refuse("Dense.out_dims must be at least 1, got -1")
    box = mlp.field("out_dims")
    assert box.input_value() == "-1" and box.get_attribute("aria-invalid") == "true"
    alert = mlp.page.get_by_role("alert").filter(has_text="at least 1")
    assert alert.is_visible()
    above, below = box.bounding_box(), alert.bounding_box()
    assert 0 <= below["y"] - (above["y"] + above["height"]) < 8
    mlp.say(DENSE)  # as a running fit sends it
    assert box.input_value() == "-1"
    mlp.press("Enter")  # asks the same again
    assert len(mlp.edits()) == 2
    assert not alert.is_visible()


def test_a_refused_edit_is_not_asked_for_again_when_its_field_is_left(mlp):
    mlp.tell(MLP, DENSE, undo=True)
    mlp.field("out_dims").fill("-1")
    mlp.press("Enter")
    mlp.refuse("must be at least 1")
    mlp.button("Undo").click()
    assert [m["type"] for m in mlp.sent()][-2:] == ["edit", "undo"] and len(mlp.edits()) == 1
    mlp.tell(MLP, DENSE, note="undone")
    assert mlp.field("out_dims").input_value() == "256"
    assert mlp.page.locator(".note").inner_text() == "undone"


def test_a_refusal_that_was_overtaken_does_not_hide_what_came_of_the_later_edit(mlp):
    mlp.tell(MLP, DENSE, undo=True)
    mlp.field("out_dims").fill("-1")
    mlp.button("Undo").click()  # leaving the field asks first
    assert [m["type"] for m in mlp.sent()][-2:] == ["edit", "undo"]
    mlp.refuse("must be at least 1")
    assert mlp.page.locator(".note").inner_text() == "must be at least 1"
    mlp.tell(MLP, DENSE, note="undone")
    assert mlp.page.locator(".note").inner_text() == "undone"


@pytest.mark.parametrize("by", ["typing", "Escape"])
def test_a_refused_value_that_is_taken_back_is_forgiven(mlp, by):
    mlp.field("out_dims").fill("-1")
    mlp.press("Enter")
    mlp.refuse("must be at least 1")
    if by == "typing":
        mlp.field("out_dims").fill("256")
    mlp.press("Enter" if by == "typing" else "Escape")
    assert mlp.field("out_dims").get_attribute("aria-invalid") == "false"
    assert mlp.page.get_by_role("alert").filter(has_text="at least 1").count() == 0
    assert len(mlp.edits()) == 1


def test_a_refused_box_can_be_ticked_again(mlp):
    for _ in range(2):
        mlp.field("use_bias").click()
        mlp.refuse("it needs a bias")
        assert mlp.page.get_by_role("alert").filter(has_text="needs a bias").is_visible()
        mlp.field("use_bias").click()
        mlp.settle()
        assert mlp.field("use_bias").is_checked()
    assert [e["text"] for e in mlp.edits()] == ["False", "False"]


def test_the_whole_layer_is_replaced_as_code(mlp):
    mlp.field("as code").fill("Conv((3, 3), 1, 8)")
    mlp.press("Enter")
    assert mlp.edits() == [{"op": "replace", "path": "layer_1", "text": "Conv((3, 3), 1, 8)"}]
    mlp.refuse("Conv needs channels")
    assert mlp.page.get_by_role("alert").filter(has_text="Conv needs channels").is_visible()
    assert mlp.page.locator(".note").inner_text() == ""


def test_what_a_person_types_is_not_taken_from_them(mlp):
    mlp.field("out_dims").focus()
    mlp.page.keyboard.type("12")
    mlp.tell(MLP, DENSE)
    assert mlp.field("out_dims").input_value().endswith("12") and mlp.focused() == "out_dims"


def test_buttons_and_keys_ask_for_the_same(mlp):
    for name in ("Duplicate", "Move up", "Move down", "Remove"):
        mlp.button(name).click()
        mlp.tell(MLP, DENSE)
    by_mouse = mlp.edits()
    mlp.row("layer_1").focus()
    for key in ("Alt+ArrowUp", "Alt+ArrowDown", "Delete"):
        mlp.press(key)
        mlp.tell(MLP, DENSE)
    assert by_mouse == [
        {"op": "duplicate", "path": "layer_1"},
        {"op": "move", "path": "layer_1", "by": -1},
        {"op": "move", "path": "layer_1", "by": 1},
        {"op": "remove", "path": "layer_1"},
    ]
    assert mlp.edits()[4:] == by_mouse[1:]


def test_nothing_is_moved_by_a_path_that_another_move_may_have_changed(mlp):
    mlp.row("layer_1").focus()
    mlp.press("Delete", "Delete")  # a key that is held; what follows is layer_1 next
    mlp.field("out_dims").fill("64")
    mlp.press("Enter")  # an edit that moves nothing is always asked for
    assert [e["op"] for e in mlp.edits()] == ["remove", "set"]
    mlp.button("Remove").click()  # and waits for no answer to another that moves nothing
    mlp.refuse("no")
    mlp.button("Duplicate").click()
    assert [e["op"] for e in mlp.edits()[2:]] == ["remove", "duplicate"]


def test_the_keys_follow_a_layer_that_was_moved(mlp):
    mlp.row("layer_2").click()
    mlp.say(detail("layer_2", "BatchNorm(256)"))
    mlp.press("Alt+ArrowUp")
    first, second = (dict(MLP[i], path=f"layer_{3 - i}", name=f"layer_{3 - i}") for i in (2, 1))
    mlp.tell([MLP[0], first, second, *MLP[3:]], detail("layer_1", "BatchNorm(256)"))
    assert mlp.focused() == "layer_1"
    mlp.press("Delete")
    assert mlp.edits()[-1] == {"op": "remove", "path": "layer_1"}


def test_buttons_are_off_where_the_kernel_says_so(mlp):
    mlp.say(DENSE | {"can": dict.fromkeys(CAN, False)})
    names = ["Insert before", "Insert after", "Insert inside", "Duplicate", "Move up", "Remove"]
    assert all(mlp.button(name).is_disabled() for name in names)
    assert mlp.field("as code").count() == 0


def test_a_refused_removal_is_in_the_note_line(mlp):
    mlp.button("Remove").click()
    mlp.refuse("a SkipConnection must keep its layer")
    assert mlp.page.locator(".note").inner_text() == "a SkipConnection must keep its layer"


def test_undo_redo_and_reset(mlp):
    assert all(mlp.button(name).is_disabled() for name in ("Undo", "Redo", "Reset"))
    mlp.tell(MLP, undo=True, redo=True, changed=True, note="layer_1.out_dims is now 128")
    assert mlp.page.locator(".edited").inner_text() == "edited"
    assert mlp.page.get_by_role("status").first.inner_text() == "layer_1.out_dims is now 128"
    for name in ("Undo", "Redo", "Reset"):
        mlp.button(name).click()
    mlp.row("layer_1").focus()
    mlp.press("Control+z", "Control+y", "Control+Shift+z")
    mlp.field("out_dims").focus()
    mlp.press("Control+z")  # a text box has an undo of its own
    asked = [m["type"] for m in mlp.sent() if m["type"] in ("undo", "redo", "reset")]
    assert asked == ["undo", "redo", "reset", "undo", "redo", "redo"]


def test_a_removed_row_leaves_the_focus_in_the_tree(mlp):
    mlp.row("layer_2").click()
    mlp.press("Delete")
    rest = [r for r in MLP if r["path"] != "layer_2"]
    mlp.tell(rest, detail("head", "Chain"), undo=True)
    assert mlp.focused() == "head"
    assert mlp.row("head").get_attribute("aria-selected") == "true"


# -- the palette ---------------------------------------------------------------------------------


def test_a_layer_is_inserted_by_mouse(mlp):
    mlp.button("Insert after").click()
    mlp.settle()
    mlp.page.get_by_role("option", name="Dropout").click()
    box = mlp.field("Insert after layer_1")
    assert box.input_value() == "Dropout(0.1)"
    box.fill("Dropout(0.3)")
    mlp.button("Insert").click()
    assert mlp.edits() == [{"op": "insert", "path": "", "index": 1, "text": "Dropout(0.3)"}]
    mlp.refuse("not now")
    mlp.button("Insert").click()
    assert mlp.edits()[1] == mlp.edits()[0]  # the same, once more
    mlp.tell([*MLP[:2], row("new", "Dropout(0.3)"), *MLP[2:]], detail("new", "Dropout(0.3)"))
    assert box.count() == 0 and mlp.focused() == "new"


def test_a_layer_is_inserted_by_keyboard(mlp):
    mlp.row("head.layer_2").click()
    mlp.say(detail("head.layer_2", "Dropout(0.2)"))
    mlp.press("Insert")
    assert mlp.focused() == "Insert after layer_2"
    assert mlp.page.get_by_role("option").count() == 3
    mlp.page.keyboard.type("norm")
    mlp.press("ArrowDown", "Enter")
    assert mlp.edits() == [{"op": "insert", "path": "head", "index": 2, "text": "LayerNorm(256)"}]
    mlp.refuse("no such layer")
    assert mlp.page.get_by_role("alert").filter(has_text="no such layer").is_visible()
    assert mlp.field("Insert after layer_2").input_value() == "LayerNorm(256)"
    mlp.press("Escape")
    assert mlp.field("Insert after layer_2").count() == 0 and mlp.focused() == "layer_2"


@pytest.mark.parametrize(
    ("where", "path", "index"), [("before", "", 2), ("after", "", 3), ("inside", "head", 3)]
)
def test_where_a_layer_is_inserted(mlp, where, path, index):
    mlp.row("head").click()
    mlp.say(detail("head", "Chain"))
    mlp.button(f"Insert {where}").click()
    mlp.settle()
    mlp.page.keyboard.type("Dense(2, 2)")
    mlp.press("Enter")
    assert mlp.edits() == [{"op": "insert", "path": path, "index": index, "text": "Dense(2, 2)"}]


def test_leaving_the_palette_inserts_nothing(mlp):
    mlp.button("Insert before").click()
    mlp.settle()
    mlp.page.keyboard.type("Dense(2, 2)")
    mlp.row("layer_2").click()
    mlp.settle()
    assert mlp.edits() == [] and mlp.field("Insert before layer_1").count() == 0
