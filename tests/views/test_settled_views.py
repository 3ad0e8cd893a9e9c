"""What a settled cell's view and its static forms get later: what is said of its trace, and links nobody knew before."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from envelopes import opened
from live_views import Shell

from ipy_llmtrace import widget
from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.cells.change_feed import ChangeFeed
from ipy_llmtrace.guard import Guard
from ipy_llmtrace.recorder import Change
from ipy_llmtrace.trace.feedback import NAME, Feedback
from ipy_llmtrace.trace.span import Span
from ipy_llmtrace.views import cell_view, link_updates
from ipy_llmtrace.views.cell_view import QUIET_S
from ipy_llmtrace.views.link_updates import MAX_WAIT_S
from ipy_llmtrace.views.live import LiveViews
from ipy_llmtrace.wire import TraceLink

LINKS = [TraceLink(url="https://mlflow.example/")]


class Settled(Shell):
    """A settled cell, its view, which a page has rendered, and what was published and sent since."""

    def __init__(self, links: list[TraceLink]) -> None:
        super().__init__()
        self.known_links = links
        self.published: list[tuple[str, str]] = []
        self.sent: list[Any] = []
        self.news = threading.Event()
        self.cell = CellTrace.of([Span("1" * 16, "tr-1", None, "call", 0, end_ns=9, status="ok")], "1")
        self.views = LiveViews(self.context)
        self.feed = ChangeFeed(self, Guard(print))
        self.views.executed(self.cell)
        self.views.settled(self.cell)
        view = self.views._views[id(self.cell)]._widget
        assert view is not None
        self.view = view
        view._receive(view, {"kind": "here", "seq": 0}, [])
        view.comm.publish_msg = lambda *args, **kwargs: self.sent.append(kwargs)
        self.published.clear()
        self.news.clear()

    # What its feed calls.

    def update(self, cell: CellTrace, changes: list[Change]) -> None:
        raise AssertionError("nothing is put in the feed")

    def tick(self) -> None:
        self.views.tick()

    def due_s(self) -> float | None:
        return self.views.due_s()

    def wake(self) -> None:
        self.feed.wake()

    def publish(self, data: Mapping[str, Any], **_more: Any) -> None:
        self.published.append((threading.current_thread().name, data["text/html"]))
        self.news.set()

    def say(self, value: Any) -> None:
        self.cell.given.put(Feedback("tr-1", None, NAME, value))

    def shown_links(self) -> list[TraceLink]:
        return opened(self.view.snapshot)[0].get("links", [])


@pytest.fixture
def settled() -> Iterator[Settled]:
    found = Settled(LINKS)
    yield found
    found.views.close()


@pytest.fixture
def unlinked() -> Iterator[Settled]:
    """As ``settled``, but of a trace whose experiment nobody knows yet."""
    found = Settled([])
    yield found
    found.views.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in seconds: it stands still unless a test moves it."""
    now = [time.monotonic()]
    for module in (cell_view, link_updates, widget):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def test_a_hundred_opinions_are_one_redrawing(settled: Settled, clock: list[float]) -> None:
    for number in range(100):
        settled.say(f"opinion {number}")
        settled.views.tick()
        clock[0] += QUIET_S / 2
    assert settled.published == []
    assert settled.views.due_s() == pytest.approx(QUIET_S / 2)
    clock[0] += QUIET_S
    settled.views.tick()
    settled.views.tick()
    ((_, html),) = settled.published
    assert "opinion 99" in html
    assert settled.views.due_s() is None


def test_the_feeds_thread_is_woken_for_it(settled: Settled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_view, "QUIET_S", 0.0)
    waits = threading.Event()

    def due_s() -> float | None:
        found = settled.views.due_s()
        waits.set()
        return found

    monkeypatch.setattr(settled, "due_s", due_s)
    settled.feed.start()
    try:
        assert waits.wait(30)
        settled.say("well founded")
        assert settled.news.wait(30)
    finally:
        settled.feed.stop()
    thread, html = settled.published[-1]
    assert (thread, "well founded" in html) == ("llmtrace-feed", True)


def test_off_leaves_nothing_out_that_was_said(settled: Settled) -> None:
    settled.say("at the last moment")
    settled.views.close()
    assert ["at the last moment" in html for _, html in settled.published] == [True]


def test_of_a_cell_that_runs_on_it_is_shown_when_that_settles(settled: Settled, clock: list[float]) -> None:
    settled.views.update(settled.cell, settled.cell.spans, [])
    settled.say("half of it")
    clock[0] += QUIET_S
    settled.views.tick()
    assert settled.published == []
    settled.views.settled(settled.cell)
    clock[0] += QUIET_S
    settled.views.tick()
    assert ["half of it" in html for _, html in settled.published] == [True]


def test_a_program_that_executes_the_notebook_gets_it_while_a_cell_runs(settled: Settled) -> None:
    settled.front_end_seen = False
    settled.say("scored")
    settled.views.executed(CellTrace(2, None))
    assert ["scored" in html for _, html in settled.published] == [True]


def test_a_link_that_was_not_known_is_sent_once_when_it_is(unlinked: Settled, clock: list[float]) -> None:
    def wait() -> None:
        due_s = unlinked.views.due_s()
        assert due_s
        clock[0] += due_s
        unlinked.views.tick()

    unlinked.lines = ["of what changes besides, nothing is sent for its own sake"]
    for _ in range(3):
        wait()
        unlinked.views.executed(CellTrace(2, None))
    assert (unlinked.sent, unlinked.shown_links()) == ([], [])

    unlinked.known_links = LINKS
    wait()
    assert (len(unlinked.sent), unlinked.shown_links()) == (1, LINKS)
    assert unlinked.views.due_s() is None
    clock[0] += MAX_WAIT_S
    unlinked.views.tick()
    unlinked.views.executed(CellTrace(3, None))
    assert len(unlinked.sent) == 1


def test_a_program_that_executes_the_notebook_gets_a_link_while_a_cell_runs(unlinked: Settled, clock: list[float]) -> None:
    unlinked.front_end_seen, unlinked.known_links = False, LINKS
    clock[0] += MAX_WAIT_S
    unlinked.views.tick()
    assert unlinked.sent == []
    unlinked.views.executed(CellTrace(2, None))
    assert (len(unlinked.sent), unlinked.shown_links()) == (1, LINKS)


def test_the_feeds_thread_looks_for_links_of_a_cell_that_settles_on_another(
    unlinked: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()
    monkeypatch.setattr(unlinked.feed, "wake", looked.set)
    unlinked.views.update(unlinked.cell, unlinked.cell.spans, [])
    assert not looked.is_set()
    unlinked.views.settled(unlinked.cell)
    assert looked.is_set()
