"""The explorer's widget without a page: messages on any thread, and a fit that goes on."""

import logging
import threading
import time

import comm
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import luxnb as lx
from luxnb.train.fit import fit
from luxnb.train.run import Run
from tests.notebook.test_live import FakeComm, say, wait_for

MLP = lx.Chain(lx.Dense(8, 16, jax.nn.relu), lx.Dropout(0.2), lx.Dense(16, 4))


@pytest.fixture(autouse=True)
def fake_comm(monkeypatch):
    monkeypatch.setattr(comm, "create_comm", lambda **keys: FakeComm(**keys))


@pytest.fixture
def opened():
    widgets = []

    def open_one(*model, **options):
        explorer = lx.explore(*model, **options)
        widgets.append(explorer.widget())
        return explorer, widgets[-1]

    yield open_one
    for widget in widgets:
        widget.close()


def told(widget, kind):
    messages = [d["content"] for _, d, _ in widget.comm.published if d.get("method") == "custom"]
    return [message for message in messages if message["type"] == kind]


def is_said(widget, note):
    """Whether the last tree says so."""
    return any(tree["note"].startswith(note) for tree in told(widget, "tree")[-1:])


def edit(widget, text, id=1):
    fields = {"op": "set", "path": "layer_1", "field": "out_dims", "text": text}
    say(widget, {"type": "edit", "id": id, **fields})


def test_nothing_is_told_before_a_page_says_hello(opened):
    explorer, widget = opened(MLP)
    explorer.edit("layer_2", rate=0.5)
    time.sleep(0.2)
    assert told(widget, "tree") == []
    say(widget, {"type": "hello"})
    wait_for(lambda: told(widget, "detail"))
    assert told(widget, "tree")[0]["changed"] is True


def test_the_page_edits_and_code_edits_and_both_hear_of_it(opened):
    explorer, widget = opened(MLP)
    say(widget, {"type": "hello"})
    edit(widget, "32")
    wait_for(lambda: explorer.model[0].out_dims == 32)
    explorer.edit("layer_3", in_dims=32)
    wait_for(lambda: is_said(widget, "layer_3.in_dims is now 32"))
    explorer.undo()
    wait_for(lambda: is_said(widget, "undone: layer_3.in_dims is now 32"))
    assert not widget.comm.hooks_ran


def test_of_many_edits_at_once_all_are_made_and_the_latest_is_told(opened):
    explorer, widget = opened(MLP, x=(2, 8))
    say(widget, {"type": "hello"})
    wait_for(lambda: told(widget, "detail"))
    threads = [
        threading.Thread(target=edit, args=(widget, str(width), width)) for width in range(17, 57)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    edit(widget, "99")
    wait_for(lambda: is_said(widget, "layer_1.out_dims is now 99"))
    undone = 0
    while explorer.undo():
        undone += 1
    assert undone == 41
    seqs = [tree["seq"] for tree in told(widget, "tree")]
    assert seqs == sorted(seqs)


def test_what_is_no_message_is_spoken_of_once(opened, caplog):
    explorer, widget = opened(MLP)
    with caplog.at_level(logging.WARNING, logger="luxnb"):
        for content in ({"type": "destroy"}, "hello", {"type": "edit", "op": "set"}, None):
            say(widget, content)
    assert [record.getMessage() for record in caplog.records] == [
        "the explorer was sent {'type': 'destroy'}, which it does not know: ignored"
    ]
    assert explorer.model == MLP
    say(widget, {"type": "hello"})
    wait_for(lambda: told(widget, "tree"))


def test_an_answer_that_fails_is_logged_and_the_next_is_given(opened, caplog, monkeypatch):
    explorer, widget = opened(MLP)
    monkeypatch.setattr(type(explorer), "code", property(lambda self: 1 / 0))
    with caplog.at_level(logging.ERROR, logger="luxnb"):
        say(widget, {"type": "hello"})
        wait_for(lambda: caplog.records)
    assert caplog.records[0].getMessage() == "the explorer could not answer"
    monkeypatch.undo()
    edit(widget, "32")
    wait_for(lambda: told(widget, "tree"))


def test_a_closed_widget_ends_its_thread(opened):
    explorer, widget = opened(MLP)
    thread = next(t for t in threading.enumerate() if t.name == "luxnb-explorer")
    widget.close()
    thread.join(5)
    assert not thread.is_alive()
    explorer.edit("layer_2", rate=0.5)  # nobody hears of it, and nothing fails


def test_its_repr_is_short(opened):
    assert repr(opened(MLP)[1]) == "ExplorerWidget()"


# -- a fit that goes on ----------------------------------------------------------------------------


def started(steps) -> Run:
    x = jax.random.normal(jax.random.key(1), (256, 8))
    run = fit(
        MLP, (x, x[:, :4] * 3), loss=lx.losses.mse, optimizer=optax.adam(1e-3),
        steps=1, batch_size=32, seed=0,
    )  # fmt: skip
    if steps > 1:
        run._worker.go(steps - 1, announce_errors=True)
    return run


def test_a_running_fit_is_refreshed_at_most_twice_a_second(opened):
    run = started(3_000_000)
    try:
        explorer, widget = opened(run)
        assert explorer.x == jax.ShapeDtypeStruct((32, 8), jnp.float32)
        say(widget, {"type": "hello"})
        say(widget, {"type": "select", "path": "layer_1"})
        wait_for(lambda: told(widget, "live"))
        before, start = len(told(widget, "live")), time.monotonic()
        wait_for(lambda: len(told(widget, "live")) >= before + 3, 10)
        assert time.monotonic() - start >= 0.9
        first, *_, last = told(widget, "live")
        assert last["live"]["status"] == "training"
        assert last["live"]["step"] > first["live"]["step"]
        details = [d for d in told(widget, "detail") if d["path"] == "layer_1"]
        assert len({d["arrays"][0]["statistics"]["mean"] for d in details}) > 1
        edit(widget, "32")  # a copy: what is trained stays as it is
        wait_for(lambda: explorer.model[0].out_dims == 32)
        assert run.model == MLP
    finally:
        run.stop()
        run.wait()
    wait_for(lambda: told(widget, "live")[-1]["live"]["status"] == "stopped")


def test_who_looks_changes_no_bit_of_the_training():
    looked_at, alone = started(1), started(1)
    looked_at._worker.go(2000, announce_errors=True)
    alone._worker.go(2000, announce_errors=True)
    seen = []
    while looked_at.latest.active:
        ts = looked_at.latest_ts
        seen.append(np.asarray(ts.params.layer_1.weight).copy())
        explorer = lx.explore(looked_at)
        assert explorer.arrays()[0].layer_1.weight.shape == (8, 16)
    assert looked_at.fingerprint == alone.fingerprint
    assert all(np.isfinite(weight).all() for weight in seen)


def test_the_parameters_of_a_run_are_transferred():
    run = started(5)
    run.wait()
    explorer = lx.explore(run).edit("layer_3", out_dims=2)
    params, _ = explorer.transfer()
    np.testing.assert_array_equal(params.layer_1.weight, run.params.layer_1.weight)
    assert params.layer_3.weight.shape == (16, 2)
    with pytest.raises(TypeError, match=r"a run has its own parameters and state: write explore\("):
        lx.explore(run, *MLP.init(0))


def test_before_its_first_step_a_run_has_no_arrays(monkeypatch):
    run = started(1)
    monkeypatch.setattr(run._worker.course, "engine", None)
    assert run.latest_ts is None
    assert lx.explore(run).arrays() == (None, None)
