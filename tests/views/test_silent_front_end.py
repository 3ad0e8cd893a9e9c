"""A front-end that says nothing is shown the static form; one that was only slow gets its views back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from live_views import Shell

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.trace.feedback import NAME, Feedback
from ipy_llmtrace.trace.span import Span
from ipy_llmtrace.views import cell_view, front_end
from ipy_llmtrace.views.cell_view import WIDGET_MIME
from ipy_llmtrace.views.live import LiveViews


class Output(Shell):
    """What an idle kernel has displayed of one cell."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self.views = LiveViews(self.context)
        self.cell = CellTrace.of([Span("1" * 16, "tr-1", None, "call", 0, end_ns=9, status="ok")], "3")
        self.views.executed(self.cell)
        self.views.settled(self.cell)

    def publish(self, data: Mapping[str, Any], **_more: Any) -> None:
        self.data = dict(data)

    def hear(self) -> None:
        """The front-end answers."""
        app = self.app.open()
        app._receive(app, {"kind": "here", "seq": 0}, [])

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
    for module in (cell_view, front_end):
        monkeypatch.setattr(module, "monotonic", lambda: real() + 3600)
    yield shown
    shown.views.close()


def test_a_kernel_that_is_busy_cannot_hear_and_does_not_doubt(output: Output):
    assert output.after(0.0)


def test_silence_shows_the_static_form_until_somebody_answers(output: Output):
    assert not output.after(front_end.DOUBT_S + 1)
    assert "LLM trace, cell [3]" in output.data["text/html"]
    assert "anywidget" not in output.data["text/html"]
    output.hear()
    assert output.after(front_end.DOUBT_S + 1)


def test_long_silence_is_final_and_says_what_to_do(output: Output):
    assert not output.after(front_end.GIVE_UP_S + 1)
    assert "install anywidget" in output.data["text/html"]
    output.hear()
    assert not output.after(front_end.GIVE_UP_S + 2)


def test_who_has_answered_may_be_silent(output: Output):
    output.hear()
    assert output.after(front_end.GIVE_UP_S + 1)


def test_for_a_front_end_that_is_silent_no_store_is_asked_for_old_cells(output: Output):
    asked: list[str] = []

    class Store:
        def spans_of(self, trace_id: str) -> list[Span]:
            asked.append(trace_id)
            return []

    output.cell.memory.free(Store())
    before = dict(output.data)
    for idle_s in (front_end.DOUBT_S + 1, front_end.GIVE_UP_S + 1):
        output.after(idle_s)
    assert output.data == before
    assert asked == []


def test_feedback_reaches_the_static_form(output: Output, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cell_view, "QUIET_S", 0.0)
    output.cell.given.put(Feedback("tr-1", None, NAME, True, "found it"))
    output.after(0.0)
    assert "👍 <code>found it</code>" in output.data["text/html"]
    assert WIDGET_MIME in output.data
    output.after(front_end.GIVE_UP_S + 1)
    output.cell.given.put(Feedback("tr-1", None, NAME, False))
    output.after(front_end.GIVE_UP_S + 1)
    assert "👎" in output.data["text/html"]
    assert "install anywidget" in output.data["text/html"]
