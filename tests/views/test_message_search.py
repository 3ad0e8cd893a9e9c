"""The kernel's part of the search."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from envelopes import opened
from live_views import Shell

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.recorder import Began
from ipy_llmtrace.trace.span import Event, Span
from ipy_llmtrace.views.live import LiveViews
from ipy_llmtrace.views.message_search import search
from ipy_llmtrace.widget import TraceView


def span(span_id: str, **known: Any) -> Span:
    return Span(span_id, "tr-1", None, known.pop("name", "completion"), 0, **known)


SPANS = [
    span("messages", inputs={"messages": [{"role": "user", "content": "Three days in Lisbon"}]}),
    span("outputs", outputs={"choices": [{"message": {"content": "LISBON, then Sintra"}}]}),
    span("attributes", attributes={"city": "lisbon"}),
    span("event", events=[Event("exception", 0, {"exception.message": "no hotel in Lisbon"})]),
    span("stream", text="Lis", model="gpt-4o-mini"),
    span("quoted", inputs="attr.city=Madeira"),
    span("other", inputs=[1, None, 2.5, True]),
    span("image", inputs=[f"{start}{'lisbon' * 50}" for start in ("", "data:image/png;base64,")]),
]


@pytest.mark.parametrize(
    ("words", "attributes", "found"),
    [
        (["lisbon"], [], ["messages", "outputs", "attributes", "event"]),
        (["lisbon", "sintra"], [], ["outputs"]),
        (["gpt-4o", "lis"], [], ["stream"]),
        (["role"], [], ["messages"]),
        (["2.5"], [], ["other"]),
        (["true"], [], ["other"]),
        (["null"], [], []),
        (["parts"], [], []),
        (["kind"], [], []),
        (["nowhere"], [], []),
        ([], [("city", "lisbon")], ["attributes"]),
        (["lisbon"], [("city", "lis*")], ["attributes"]),
        (["sintra"], [("city", "lis*")], []),
        ([], [("city", "lis")], []),
        ([], [("town", "lisbon")], []),
        (["attr.city=madeira"], [], ["quoted"]),
    ],
)
def test_all_words_must_be_in_a_spans_texts_in_any_case(
    words: list[str], attributes: list[tuple[str, str]], found: list[str]
) -> None:
    reply = search(SPANS, words, attributes, 7)
    assert (reply["number"], reply["ids"], reply.get("note")) == (7, found, None)


def fits(value: Any, pattern: str) -> bool:
    return search([span("one", attributes={"key": value})], [], [("key", pattern)], 1)["ids"] == ["one"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("True", "true"),
        (True, "true"),
        (None, "null"),
        (1.0, "1"),
        (0.7, "0.7"),
        (float("nan"), "nan"),
        ([1, "É"], '[1,"é"]'),
        ({"a": {"b": [None]}}, '{"a":{"b":[null]}}'),
        ({(1, 2): "tuple"}, '{"(1, 2)":"tuple"}'),
        (Path("/tmp"), "/tmp"),
    ],
)
def test_an_attribute_is_compared_as_the_view_shows_it(value: Any, shown: str) -> None:
    assert fits(value, shown)
    assert not fits(value, f"{shown}.")


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("ab", ["ab"]),
        ("a*", ["a", "ab", "aba", "a.b"]),
        ("*b", ["ab", "a.b", "b"]),
        ("a*b", ["ab", "a.b"]),
        ("a*a", ["aba"]),
        ("*b*", ["ab", "aba", "a.b", "b"]),
        ("a*b*a", ["aba"]),
        ("a.*", ["a.b"]),
        ("**", ["a", "ab", "aba", "a.b", "b"]),
    ],
)
def test_a_star_stands_for_anything(pattern: str, texts: list[str]) -> None:
    assert [text for text in ("a", "ab", "aba", "a.b", "b") if fits(text, pattern)] == texts


def test_no_pattern_holds_the_kernel() -> None:
    # A regular expression would be at it for longer than the test may take.
    assert not fits("a" * 10_000, "*a" * 20 + "*b")


def test_the_kernel_searches_for_what_the_page_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(TraceView, "send", lambda _, content, _buffers: sent.append(opened(content)[0]))
    cell = CellTrace(1, None)
    cell.apply([Began(found.span_id, None, lambda found=found: found) for found in SPANS])
    views = LiveViews(Shell().context)
    views.executed(cell)
    view = views._views[id(cell)]._widget
    assert view is not None
    try:
        view._handle_custom_msg({"kind": "search", "number": 3, "words": [], "attributes": [["city", "lis*"]]}, [])
    finally:
        views.forget(cell)
    assert [(reply["number"], reply["ids"]) for reply in sent] == [(3, ["attributes"])]


def test_a_search_ends_in_time_and_says_how_far_it_came() -> None:
    clock = count()
    reply = search(SPANS, ["lisbon"], [], 1, max_s=2, now_s=lambda: float(next(clock)))
    assert reply["ids"] == ["messages", "outputs"]
    assert reply.get("note") == "only the first 2 of 8 spans were searched, for 2 s"


def test_a_value_nested_as_deep_as_can_be_is_searched() -> None:
    deep: Any = "lisbon"
    for _ in range(100_000):
        deep = [deep]
    assert search([span("deep", inputs=deep)], ["lisbon"], [], 1)["ids"] == ["deep"]
