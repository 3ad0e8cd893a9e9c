"""A front-end that says nothing is shown the static form; one that was only slow gets its views back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace.feedback import NAME, Feedback
from ipy_llmtrace.trace.span import Span
from ipy_llmtrace.views import live
from ipy_llmtrace.views.live import WIDGET_MIME, WidgetViews
from ipy_llmtrace.widget import App


class Output:
    """What an idle kernel has displayed of one cell."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.idle_s = 0.0
        self.apps: list[App] = []
        self.views = WidgetViews(
            apps=self.apps,
            publish=lambda data, *_args, **_more: self.data.update(data) if WIDGET_MIME in data else self.replace(data),
            front_end_seen=lambda: True,
            idle_s=lambda: self.idle_s,
            wake=lambda: None,
            redactor=Redactor.none(),
            placement="beside",
            max_saved_bytes=100_000,
            notes=list,
            make_app=App,
            links=lambda ids: [],
            say=lambda line: None,
        )
        self.cell = CellTrace.of([Span("1" * 16, "tr-1", None, "call", 0, end_ns=9, status="ok")], "3")
        self.views.executed(self.cell)
        self.views.settled(self.cell)

    def replace(self, data: dict[str, Any]) -> None:
        self.data = data

    def after(self, idle_s: float) -> bool:
        """Whether the view is displayed after an idle time."""
        self.idle_s = idle_s
        self.views.tick()
        return WIDGET_MIME in self.data


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[Output]:
    real = time.monotonic
    shown = Output()
    # Since the cell has settled, an hour has passed: what counts is for how long the kernel could hear.
    monkeypatch.setattr(live, "monotonic", lambda: real() + 3600)
    yield shown
    shown.views.close()


def hear(app: App) -> None:
    app._receive(app, {"kind": "here", "seq": 0}, [])


def test_a_kernel_that_is_busy_cannot_hear_and_does_not_doubt(output: Output):
    assert output.after(0.0)


def test_silence_shows_the_static_form_until_somebody_answers(output: Output):
    assert not output.after(live.DOUBT_S + 1)
    assert "LLM trace, cell [3]" in output.data["text/html"]
    assert "anywidget" not in output.data["text/html"]
    hear(output.apps[0])
    assert output.after(live.DOUBT_S + 1)


def test_long_silence_is_final_and_says_what_to_do(output: Output):
    assert not output.after(live.GIVE_UP_S + 1)
    assert "install anywidget" in output.data["text/html"]
    hear(output.apps[0])
    assert not output.after(live.GIVE_UP_S + 2)


def test_who_has_answered_may_be_silent(output: Output):
    hear(output.apps[0])
    assert output.after(live.GIVE_UP_S + 1)


def test_for_a_front_end_that_is_silent_no_store_is_asked_for_old_cells(output: Output):
    asked: list[str] = []

    class Store:
        def spans_of(self, trace_id: str) -> list[Span]:
            asked.append(trace_id)
            return []

    output.cell.memory.free(Store())
    before = dict(output.data)
    for idle_s in (live.DOUBT_S + 1, live.GIVE_UP_S + 1):
        output.after(idle_s)
    assert output.data == before
    assert asked == []


def test_feedback_reaches_the_static_form(output: Output, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "QUIET_S", 0.0)
    output.cell.given.put(Feedback("tr-1", None, NAME, True, "found it"))
    output.after(0.0)
    assert "👍 <code>found it</code>" in output.data["text/html"]
    assert WIDGET_MIME in output.data
    output.after(live.GIVE_UP_S + 1)
    output.cell.given.put(Feedback("tr-1", None, NAME, False))
    output.after(live.GIVE_UP_S + 1)
    assert "👎" in output.data["text/html"]
    assert "install anywidget" in output.data["text/html"]
