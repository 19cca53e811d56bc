"""The live view in a page: what it draws, says and asks for, in Chromium without Jupyter."""

import json

import numpy as np
import pytest

from tests.notebook.blank_page import DARK
from tests.notebook.fake_run import FakeRun, curves


def training(names=("loss",), steps=200, target=1000, **status):
    """A run in mid-training."""
    run = FakeRun(names, target=target, steps_per_epoch=100)
    rng = np.random.default_rng(0)
    run.records.append(curves(np.arange(1, steps + 1), target, len(names), rng))
    run.set(**{"status": "training", "step": steps, "steps_per_second": 50.0, **status})
    return run


def button(page, name):
    return page.page.get_by_role("button", name=f"{name} training")


def curve(page, metric=0):
    """Column of pixels -> middle row of the curve's colour, of the plot only."""
    ink = page.ink(metric)
    return {x: np.mean(rows) / ink["height"] for x, rows in enumerate(ink["columns"]) if rows}


def test_it_says_hello_and_asks_nobody_for_anything(page):
    requests = []
    page.page.on("request", lambda request: requests.append(request.url))
    page.load()
    assert [m["type"] for m in page.sent()] == ["hello"]
    page.tell(training(), snapshot=True)
    assert [url for url in requests if not url.startswith("blob:")] == []
    assert page.errors() == []


def test_before_the_first_frame_it_waits_and_its_buttons_are_off(page):
    page.load()
    assert page.page.locator(".luxnb-live").get_attribute("data-status") == "waiting"
    assert button(page, "Pause").is_disabled() and button(page, "Stop").is_disabled()


def test_the_curve_is_where_the_values_are(page):
    run = FakeRun(target=100)
    run.records.append(np.linspace(0, 1, 101)[:, None])  # a straight line upwards
    run.set(status="done", step=101)
    page.load().tell(run, snapshot=True)
    rows = curve(page)
    x, y = np.array(list(rows)), np.array(list(rows.values()))
    slope, start = np.polyfit(x, y, 1)
    assert slope < 0  # pixels count downwards
    np.testing.assert_allclose(y, start + slope * x, atol=0.02)
    assert y.max() - y.min() > 0.7  # it fills the plot
    assert x.max() - x.min() > 0.9 * page.ink()["width"]


def test_a_spike_among_a_million_points_is_seen(page):
    run = FakeRun(target=1_000_000)
    rows = np.full((1_000_000, 1), 1.0)
    rows[700_000] = 10
    run.records.append(rows)
    run.set(status="done", step=1_000_000)
    page.load().tell(run, snapshot=True)
    shaded = page.page.evaluate(
        """() => {
            const canvas = document.querySelector("canvas"), { width, height } = canvas;
            const c = canvas.getContext("2d"), high = [];
            const pixels = c.getImageData(0, 0, width, height).data;
            const blue = (i) => pixels[i + 3] > 8 && pixels[i + 2] > pixels[i] + 40;
            const row = Math.round(height / 3) * width;
            for (let x = 0; x < width; x++) if (blue(4 * (row + x))) high.push(x);
            return high.map((x) => x / width);
        }"""
    )
    assert shaded and min(shaded) > 0.68 and max(shaded) < 0.74


def test_deltas_and_a_snapshot_end_in_the_same_picture(page):
    """Halving old buckets in the page is the same as cutting the whole history anew."""
    run, rng = training(steps=0, target=9000, status="training"), np.random.default_rng(3)
    page.load().tell(run, snapshot=True)
    while len(run.records) < 9000:
        first = len(run.records) + 1
        count = min(int(rng.integers(1, 600)), 9001 - first)
        run.add(curves(np.arange(first, first + count), 9000, 1, rng))
        page.tell(run)
    while not page.stream.caught_up(run):
        page.tell(run)
    by_deltas = page.ink()
    assert len(page.sent("hello")) == 1
    page.tell(run, snapshot=True)
    assert page.ink() == by_deltas


def test_nan_leaves_a_gap(page):
    run = FakeRun(target=100)
    rows = np.ones((100, 1))
    rows[40:60] = np.nan
    run.records.append(rows)
    run.set(status="stopped", step=100, message="the loss became nan at step 41")
    page.load().tell(run, snapshot=True)
    columns = np.array(list(curve(page)))
    width = page.ink()["width"]
    inside = (columns > 0.45 * width) & (columns < 0.57 * width)
    assert not inside.any()
    assert page.page.get_by_text("the loss became nan at step 41").is_visible()
    assert page.errors() == []


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_the_first_steps_are_drawn_without_an_error(page, steps):
    page.load().tell(training(steps=steps), snapshot=True)
    assert page.errors() == []
    assert bool(curve(page)) == (steps > 0)


def test_no_metric_yet(page):
    page.load().tell(FakeRun((), target=10), snapshot=True)
    assert page.page.locator("canvas").count() == 0
    assert page.errors() == []


def test_the_facts_are_in_words(page):
    run = training(steps=1234, target=10_000, steps_per_second=1540.3)
    page.load().tell(run, snapshot=True)
    words = page.page.locator("header span").inner_text()
    assert words == "step 1,234 of 10,000 · 6 s left · 1,540 steps/s · epoch 13 of 100"
    bar = page.page.get_by_role("progressbar")
    assert bar.get_attribute("aria-valuenow") == "12"


@pytest.mark.parametrize(
    "left, words",
    [
        (0.2, "1 s"),
        (59, "59 s"),
        (61, "1:01"),
        (754, "12:34"),
        (3723, "1:02:03"),
        (180_000, "50 h"),
    ],
)
def test_time_left(page, left, words):
    run = training(steps=0, target=left * 10, steps_per_second=10.0)
    run.set(steps_per_epoch=run.latest.target)
    whole = f"{round(run.latest.target):,}"
    page.load().tell(run, snapshot=True)
    shown = page.page.locator("header span").inner_text()
    assert shown == f"step 0 of {whole} · {words} left · 10 steps/s"


def test_the_buttons_say_the_state_that_is_wanted(page):
    run = training()
    page.load().tell(run, snapshot=True)
    button(page, "Pause").click()
    run.set(status="paused")
    page.tell(run)
    assert button(page, "Pause").count() == 0
    button(page, "Resume").click()
    run.set(status="training")
    page.tell(run)
    button(page, "Stop").click()
    commands = [m["type"] for m in page.sent() if m["type"] not in ("hello", "ack")]
    assert commands == ["pause", "resume", "stop"]


def test_the_buttons_are_reached_and_pressed_by_keyboard(page):
    page.load().tell(training(), snapshot=True)
    for key in ("Tab", "Enter", "Tab", "Space"):
        page.page.keyboard.press(key)
    assert [m["type"] for m in page.sent() if m["type"] in ("pause", "stop")] == ["pause", "stop"]


def test_the_status_is_announced_and_the_numbers_are_not(page):
    page.load().tell(training(), snapshot=True)
    assert page.page.get_by_role("status").all_inner_texts() == ["Training"]
    assert page.page.get_by_role("img", name="loss:").count() == 1


@pytest.mark.parametrize("status", ["done", "stopped", "failed"])
def test_after_the_end_the_buttons_are_off(page, status):
    run = training(status=status, message="ValueError: <b>no</b>")
    page.load().tell(run, snapshot=True)
    assert button(page, "Pause").is_disabled() and button(page, "Stop").is_disabled()
    assert page.page.locator("p").inner_text() == "ValueError: <b>no</b>"


def test_names_are_text_not_markup(page):
    page.load().tell(training(("<img src=x onerror=alert(1)>",)), snapshot=True)
    assert page.page.locator("img").count() == 0
    assert page.page.get_by_text("<img src=x onerror=alert(1)>").count() == 1


def test_a_lost_frame_is_noticed_and_asked_for(page):
    run = training()
    page.load().tell(run, snapshot=True)
    page.page.wait_for_timeout(600)
    run.add([[0.5]])
    page.tell(run, lose=True)
    before = page.page.locator("header span").inner_text()
    run.add([[0.4]])
    page.tell(run)
    assert len(page.sent("hello")) == 2
    assert page.page.locator("header span").inner_text() == before  # nothing was made up
    page.tell(run, snapshot=True)
    assert "step 202" in page.page.locator("header span").inner_text()


def test_it_acknowledges_at_most_once_a_second_and_the_last_frame_in_the_end(page):
    run = training()
    page.load().tell(run, snapshot=True)
    for _ in range(25):
        run.add([[0.5]])
        page.tell(run)
        page.page.wait_for_timeout(60)
    page.page.wait_for_timeout(1200)
    acks = page.sent("ack")
    gaps = np.diff([m["at"] for m in acks])
    assert len(acks) >= 2 and gaps.min() >= 950
    assert acks[-1]["seq"] == page.stream.seq


def test_all_views_show_the_same_and_a_new_one_knows_everything(page):
    page.load(views=2).tell(training(), snapshot=True)
    assert curve(page, 0) == curve(page, 1) != {}
    page.view()
    page.page.wait_for_timeout(100)
    assert curve(page, 2) == curve(page, 0)
    page.page.evaluate("removers[0]()")
    assert page.page.locator(".luxnb-live").count() == 2
    assert page.errors() == []


def test_hovering_reads_the_curve_out(page):
    run = FakeRun(target=101)
    run.records.append(np.linspace(0, 1, 101)[:, None])
    run.set(status="training", step=101)
    page.load().tell(run, snapshot=True)
    box = page.page.locator("canvas").bounding_box()
    page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    page.page.wait_for_timeout(100)
    words = page.page.locator("figcaption span").inner_text()
    value, step = float(words.split()[0]), int(words.split("step ")[1])
    assert 45 <= step <= 56 and value == pytest.approx((step - 1) / 100)
    page.page.mouse.move(5, 5)
    page.page.wait_for_timeout(100)
    assert page.page.locator("figcaption span").inner_text() == "1"


def test_a_bucket_that_is_partly_filled_weighs_less(page):
    run = FakeRun(target=2051)
    run.records.append([[0.0]] * 2050 + [[3.0]])  # buckets of 2: the last has one step
    run.set(status="training", step=2051)
    page.load().tell(run, snapshot=True)
    box = page.page.locator("canvas").bounding_box()
    page.page.mouse.move(box["x"] + box["width"] - 8, box["y"] + 50)
    page.page.wait_for_timeout(100)
    assert page.page.locator("figcaption span").inner_text() == "1 (0 – 3) at step 2,050"


def test_a_logarithmic_scale_makes_exponential_decay_a_line(page):
    run = FakeRun(target=100)
    run.records.append(10.0 ** np.linspace(0, -4, 100)[:, None])
    run.set(status="done", step=100)
    page.load().tell(run, snapshot=True)
    page.page.evaluate(
        """() => {
            window.labels = [];
            const fillText = CanvasRenderingContext2D.prototype.fillText;
            CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
                labels.push(text);
                fillText.call(this, text, ...where);
            };
        }"""
    )
    page.page.get_by_role("button", name="Logarithmic scale for loss").click()
    page.page.wait_for_timeout(100)
    rows = curve(page)
    x, y = np.array(list(rows)), np.array(list(rows.values()))
    np.testing.assert_allclose(y, np.polyval(np.polyfit(x, y, 1), x), atol=0.02)
    assert {"1", "0.1", "0.01", "0.001"} <= set(page.page.evaluate("labels"))


def test_it_follows_a_change_of_theme_and_of_width(page):
    page.load().tell(training(status="paused"), snapshot=True)
    labels = "() => { const c = document.querySelector('canvas'); let sum = 0, n = 0;"
    labels += " const d = c.getContext('2d').getImageData(0, 0, 40, c.height).data;"
    labels += " for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 60) { sum += d[i]; n++; }"
    labels += " return sum / n; }"
    assert page.page.evaluate(labels) < 80
    page.page.evaluate(f"document.body.style = 'margin: 20px; {DARK}'")
    page.page.wait_for_timeout(200)
    assert page.page.evaluate(labels) > 170
    page.page.set_viewport_size({"width": 500, "height": 420})
    page.page.wait_for_timeout(200)
    assert page.ink()["width"] == 2 * page.page.locator("canvas").bounding_box()["width"]


def test_a_kernel_that_does_not_answer_is_spoken_of(page):
    page.load().tell(training(), snapshot=True)
    button(page, "Stop").click()
    page.page.get_by_text("interrupts the kernel").wait_for(timeout=4000)


# A notebook as JupyterLab's widget manager holds it: `cells`, each with `outputs`.
NOTEBOOK = """(() => {
    const list = (items) => ({ items, get length() { return items.length; }, get: (i) => items[i],
        add: (o) => items.push(o), set: (i, o) => (items[i] = o) });
    const cells = %s.map(([id, outputs]) => ({ id, trusted: false, outputs: list(outputs) }));
    return { context: { model: { cells: list(cells) } } };
})()"""
WIDGET = "application/vnd.jupyter.widget-view+json"
LIVE = {"type": "display_data", "data": {WIDGET: {"model_id": "the-model"}}}
OTHER = {"type": "display_data", "data": {"text/html": "<b>from somebody</b>"}}


def notebook(page, *cells):
    page.load(manager=NOTEBOOK % json.dumps(cells))
    page.tell(training(), snapshot=True)
    return page


def cells(page):
    return page.page.evaluate(
        "manager.context.model.cells.items.map((c) => [c.id, c.trusted, c.outputs.items])"
    )


def test_after_a_reload_without_saving_the_cell_gets_its_output_back(page):
    notebook(page, ["other", []], ["the-cell", []])
    (_, other_trusted, other), (_, trusted, outputs) = cells(page)
    assert [o["data"][WIDGET]["model_id"] for o in outputs] == ["the-model"]
    assert trusted and not other_trusted and other == []


def test_an_output_that_is_there_is_not_doubled(page):
    notebook(page, ["elsewhere", [LIVE]], ["the-cell", []])
    assert [len(outputs) for _, _, outputs in cells(page)] == [1, 0]


def test_what_others_made_is_kept_and_not_trusted(page):
    notebook(page, ["the-cell", [OTHER]])
    ((_, trusted, outputs),) = cells(page)
    assert outputs[0] == OTHER and WIDGET in outputs[1]["data"]
    assert not trusted


def test_a_cell_that_is_gone_is_no_error(page):
    notebook(page, ["another", []])
    assert [outputs for _, _, outputs in cells(page)] == [[]]
    assert page.errors() == []


def test_the_static_bundle_replaces_only_this_view_and_then_the_kernel_hears_of_it(page):
    notebook(page, ["the-cell", [OTHER, LIVE]])
    page.page.evaluate("removers[0]()")  # JupyterLab does so when the output is exchanged
    page.say({"type": "final", "bundle": {"text/plain": "the end"}})
    page.page.wait_for_timeout(500)
    ((_, _, outputs),) = cells(page)
    assert outputs[0] == OTHER
    assert outputs[1]["data"] == {"text/plain": "the end"}
    assert len(page.sent("frozen")) == 1


def test_a_view_that_cannot_be_replaced_stays_with_its_last_frame(page):
    page.load().tell(training(status="done"), snapshot=True)
    page.say({"type": "final", "bundle": {"text/plain": "the end"}})
    page.page.wait_for_timeout(500)
    assert page.sent("frozen") == []
    assert curve(page)
