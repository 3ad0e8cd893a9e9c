"""What a view is told: each span encoded when it begins and when it ends, and no more often."""

from __future__ import annotations

import json
from typing import Any

from envelopes import opened
from live_views import Shell

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.recorder import Began, Change, Ended, Streamed
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace.span import Span
from ipy_llmtrace.views.cell_messages import EncodedMessages


class CountingRedactor(Redactor):
    """Counts the values that it is given."""

    values = 0

    def value(self, value: Any) -> Any:
        self.values += 1
        return super().value(value)


class Told:
    """A cell whose changes are told to a view, as a session does."""

    def __init__(self, redactor: Redactor, *spans: Span) -> None:
        self.cell = CellTrace(3, "cell")
        self.apply(*(Began(span.span_id, span.parent_id, lambda span=span: span) for span in spans))
        shell = Shell()
        shell.lines = ["in mlflow.db"]
        self.messages = EncodedMessages(self.cell, redactor, shell, shell, 100_000)

    def apply(self, *changes: Change) -> tuple[list[Span], list[Streamed]]:
        return self.cell.apply(changes)

    def delta(self, seq: int, *changes: Change) -> Any:
        packed = self.messages.delta(seq, *self.apply(*changes))
        return None if packed is None else opened(packed)

    def snapshot(self, seq: int) -> tuple[Any, list[str]]:
        return opened(self.messages.snapshot(seq))


def span(number: int, **known: Any) -> Span:
    return Span(f"s{number}", "tr-1", "s0" if number else None, f"call {number}", number, type="LLM", **known)


def ended(number: int, **known: Any) -> Ended:
    found = span(number, end_ns=number + 1, status="ok", inputs={"n": number}, **known)
    return Ended(found.span_id, lambda: found)


def test_a_snapshot_encodes_nothing_that_was_encoded_before():
    redactor = CountingRedactor({})
    told = Told(redactor, *map(span, range(50)))
    told.snapshot(0)
    told.delta(1, *map(ended, range(1, 50)))
    before = redactor.values
    first = told.snapshot(1)
    assert redactor.values == before
    assert len(first[1]) == 49
    told.delta(2, ended(0))
    told.cell.finished = True
    before = redactor.values
    head, details = told.snapshot(2)
    assert told.snapshot(2) == (head, details)
    assert redactor.values == before
    assert len(details) == 50
    assert head["summary"]["state"] == "ok"


def test_a_secret_that_is_set_later_is_in_no_later_snapshot():
    environ = dict[str, str]()
    told = Told(Redactor(environ), span(0))
    told.delta(1, ended(1, outputs="it is orange-juice-42"))
    assert "orange-juice-42" in json.dumps(told.snapshot(1))
    environ["MY_SECRET"] = "orange-juice-42"
    assert "orange-juice-42" not in json.dumps(told.snapshot(1))


def test_a_snapshot_and_the_deltas_after_it_bring_each_piece_of_a_stream_once():
    told = Told(Redactor({}), span(0))
    told.delta(1, Streamed("s0", "one two", 5))
    told.apply(Streamed("s0", " three four", 6))  # not told yet
    _, (detail,) = told.snapshot(1)
    assert json.loads(detail)["text"] == "one "
    head, _ = told.delta(2, Streamed("s0", " five", 7))
    assert head["texts"] == [{"id": "s0", "text": "two three four "}]
    assert "rows" not in head


def test_nothing_is_said_when_nothing_shows():
    told = Told(Redactor({}), span(0))
    told.delta(1, Streamed("s0", "one two", 5))
    assert told.delta(2, Streamed("s0", "three", 6)) is None


def test_a_delta_has_the_rows_that_changed_and_their_details():
    told = Told(Redactor.none(), span(0))
    head, details = told.delta(1, ended(1, tokens=None), ended(2))
    assert (head["seq"], head["rows"]["id"], head["rows"]["parent"]) == (1, ["s1", "s2"], ["s0", "s0"])
    assert [json.loads(detail)["inputs"] for detail in details] == [{"n": 1}, {"n": 2}]
