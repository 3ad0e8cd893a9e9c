"""Which cell a span belongs to, and what a cell's trace says."""

from __future__ import annotations

import contextvars
import itertools
import threading
from dataclasses import replace
from typing import Any

import pytest

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.cells.ownership import Cells
from ipy_llmtrace.recorder import Began, Ended, Streamed
from ipy_llmtrace.trace.span import Span, Status, Tokens

ids = itertools.count(1)


def span(name: str = "span", parent: Span | None = None, **fields: Any) -> Span:
    number = next(ids)
    return Span(
        span_id=f"{number:016x}",
        trace_id=parent.trace_id if parent else f"tr-{number:032x}",
        parent_id=parent.span_id if parent else None,
        name=name,
        start_ns=number * 1_000_000_000,
        **fields,
    )


def began(made: Span) -> Began:
    return Began(made.span_id, made.parent_id, lambda: made)


def ended(made: Span, status: Status = "ok") -> Ended:
    made.end_ns = made.start_ns + 500_000_000
    made.status = status
    return Ended(made.span_id, lambda: made)


def test_a_span_belongs_to_the_running_cell() -> None:
    cells = Cells()
    cell = cells.begin(1, "a")
    assert cells.owner(began(span())) is cell
    assert cells.traced == [cell]


def test_a_task_of_an_earlier_cell_keeps_its_cell() -> None:
    cells = Cells()
    first = cells.begin(1, "a")
    context = contextvars.copy_context()  # as asyncio.create_task takes it
    cells.end()
    second = cells.begin(2, "b")
    made = span()
    assert context.run(cells.owner, began(made)) is first
    assert cells.owner(began(span())) is second
    assert cells.owner(ended(made)) is first


def test_without_a_context_a_span_follows_its_parent() -> None:
    cells = Cells()
    first = cells.begin(1, "a")
    parent = span()
    cells.owner(began(parent))
    cells.end()
    cells.begin(2, "b")
    found: list[CellTrace | None] = []
    thread = threading.Thread(target=lambda: found.append(cells.owner(began(span(parent=parent)))))
    thread.start()
    thread.join()
    assert found == [first]


def test_without_context_and_parent_a_span_belongs_to_the_running_cell() -> None:
    cells = Cells()
    cells.begin(1, "a")
    cells.end()
    second = cells.begin(2, "b")
    found: list[CellTrace | None] = []
    thread = threading.Thread(target=lambda: found.append(cells.owner(began(span()))))
    thread.start()
    thread.join()
    assert found == [second]


def test_a_span_that_began_before_there_was_a_cell_is_nobodys() -> None:
    cells = Cells()
    assert cells.owner(began(span())) is None
    cells.begin(1, "a")
    assert cells.owner(ended(span())) is None


def test_another_thread_can_be_given_the_cell() -> None:
    cells = Cells()
    first = cells.begin(1, "a")
    carried = cells.carry()
    assert carried is not None
    cells.begin(2, "b")
    with carried:
        assert cells.owner(began(span())) is first


def traced() -> tuple[CellTrace, Span, Span, Span]:
    cell = CellTrace(7, "c")
    agent = span("agent", type="AGENT")
    call = span("call", agent, type="LLM", model="m", tokens=Tokens(10, 5), cost_usd=0.25)
    tool = span("tool", agent, type="TOOL", message="ValueError: no")
    cell.apply([began(agent), began(call), ended(call), began(tool), ended(tool, "error"), ended(agent)])
    return cell, agent, call, tool


def test_a_trace_sums_up_its_spans() -> None:
    cell, agent, call, tool = traced()
    assert cell.spans == [agent, call, tool]
    assert cell.roots == [agent]
    assert agent.children == [call, tool]
    assert cell.traces == [agent.trace_id]
    assert (cell.tokens.input, cell.tokens.output, cell.cost_usd) == (10, 5, 0.25)
    assert cell.errors == [tool]
    assert not cell.running
    assert cell.duration_s == pytest.approx(2.5)


def test_find_takes_name_type_and_status_together() -> None:
    cell, _, call, tool = traced()
    assert cell.find(type="LLM") == [call]
    assert cell.find(name="tool", status="error") == [tool]
    assert cell.find(name="tool", status="ok") == []


def test_a_frame_has_a_row_a_span() -> None:
    cell, *_ = traced()
    frame = cell.to_frame()
    assert list(frame["name"]) == ["agent", "call", "tool"]
    assert list(frame["input_tokens"])[1] == 10


def test_a_stream_grows_and_shows_its_first_token() -> None:
    cell = CellTrace(1, None)
    call = span("call", type="LLM")
    cell.apply([began(call)])
    touched, streamed = cell.apply([Streamed(call.span_id, "He", 5), Streamed(call.span_id, "y", 6)])
    assert (call.text, call.first_token_ns) == ("Hey", 5)
    assert touched == [call]  # the first token changes the row
    touched, streamed = cell.apply([Streamed(call.span_id, "!", 7)])
    assert (touched, [s.text for s in streamed]) == ([], ["!"])
    assert cell.running


def test_a_span_that_has_ended_meanwhile_is_read_by_its_end_which_knows_more() -> None:
    cell = CellTrace(1, None)
    less = span("call", inputs="a reference", end_ns=2)
    more = replace(less, inputs="an image")
    touched, _ = cell.apply([Began(less.span_id, None, lambda: less), Ended(more.span_id, lambda: more)])
    assert touched == cell.spans == [more]


def test_text_that_comes_after_the_end_changes_nothing() -> None:
    cell = CellTrace(1, None)
    call = span("call")
    cell.apply([began(call), ended(call)])
    assert cell.apply([Streamed(call.span_id, "late", 9)]) == ([], [])
