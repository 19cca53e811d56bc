"""Runs in a terminal or a script: one line of progress on stderr, redrawn or now and then."""

import contextlib
import math
import sys
import threading

REDRAW_SECONDS = 0.1
PLAIN_SECONDS = 10.0
DESERTED_SECONDS = 2.0


class TerminalPlace:
    """`fit` waits here; meanwhile a line says how the run stands."""

    background = False

    def launched(self, run) -> contextlib.AbstractContextManager:
        """Show the run's progress for as long as the context lasts. Never raises."""
        return _watched(run)

    def show(self, run) -> bool:
        return False


@contextlib.contextmanager
def _watched(run):
    news, over = threading.Event(), threading.Event()
    forget = run.observe(news.set)
    thread = threading.Thread(target=_watch, args=(run, news, over), daemon=True)
    try:
        thread.start()
        yield
    finally:
        over.set()
        news.set()
        if thread.ident is not None:  # an interrupt may come before it
            thread.join(2.0)
        forget()


def _watch(run, news, over) -> None:
    with contextlib.suppress(Exception):  # a closed or strange stderr must not matter to training
        if sys.stderr.isatty():
            _redraw(run, news, over)
        else:
            _print_now_and_then(run, over)


def _redraw(run, news, over) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    def line():
        now = run.latest
        table = Table.grid(padding=(0, 1))
        share = min(now.step / now.target, 1.0) if now.target else 0.0
        table.add_row(ProgressBar(total=1.0, completed=share, width=24), Text(progress(run)))
        return table

    with Live(line(), console=Console(stderr=True), auto_refresh=False) as live:
        while not over.is_set():
            news.wait(1.0)
            news.clear()
            live.update(line(), refresh=True)
            over.wait(REDRAW_SECONDS)
            if _deserted(run, over):
                break
        live.update(line(), refresh=True)


def _print_now_and_then(run, over) -> None:
    """A line every ten seconds and one at the end; none for a run that is over before that."""
    if over.wait(PLAIN_SECONDS):
        return
    while not _deserted(run, over):
        print(progress(run), file=sys.stderr, flush=True)
        if over.is_set():
            return
        over.wait(PLAIN_SECONDS)


def _deserted(run, over) -> bool:
    """Whether nobody waits any more: an interrupt can take away who would say that it is over."""
    return not (run.latest.active or over.wait(DESERTED_SECONDS) or run.latest.active)


def progress(run) -> str:
    """How the run stands, in a line: `training  step 120 of 900 · epoch 2 of 10 · loss 0.41 …`.

    With the last validation, where there is one.
    """
    now, records = run.latest, run.records
    per = now.steps_per_epoch
    epochs = math.ceil(now.target / per) if per else 0
    words = [f"step {now.step:,} of {now.target:,}"]
    if per and epochs > 1:
        words.append(f"epoch {min(now.step // per + 1, epochs)} of {epochs}")
    for row in records.since(max(len(records) - 1, 0))[-1:]:
        words += [f"{n} {v:.4g}" for n, v in zip(records.names, row, strict=True)]
    words += _last_validation(run.validation_records)
    if now.steps_per_second > 0:
        words.append(f"{now.steps_per_second:,.0f} steps/s")
        left = (now.target - now.step) / now.steps_per_second
        words.append(f"{duration(left)} left" if now.active else f"in {duration(now.seconds)}")
    if now.message:
        words.append(now.message)
    return f"{now.status:<10}{' · '.join(words)}"


def _last_validation(validation) -> list[str]:
    """`validation at 100: loss 0.5, accuracy 0.8`, when there was one."""
    steps, rows = validation.steps, validation.since(0)
    n = min(len(steps), len(rows))  # it may just be growing
    if not n:
        return []
    named = zip(validation.names, rows[n - 1], strict=True)
    return [f"validation at {steps[n - 1]:,}: " + ", ".join(f"{m} {v:.4g}" for m, v in named)]


def duration(seconds: float) -> str:
    """`42 s`, `3:05`, `1:02:03`."""
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(math.ceil(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
