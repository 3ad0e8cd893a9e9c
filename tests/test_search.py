"""The kernel's part of the search."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from ipy_llmtrace.search import search
from ipy_llmtrace.span import Event, Span


def span(span_id: str, **known: Any) -> Span:
    return Span(span_id, "tr-1", None, known.pop("name", "completion"), 0, **known)


SPANS = [
    span("messages", inputs={"messages": [{"role": "user", "content": "Three days in Lisbon"}]}),
    span("outputs", outputs={"choices": [{"message": {"content": "LISBON, then Sintra"}}]}),
    span("attributes", attributes={"city": "lisbon"}),
    span("event", events=[Event("exception", 0, {"exception.message": "no hotel in Lisbon"})]),
    span("stream", text="Lis", model="gpt-4o-mini"),
    span("other", inputs=[1, None, 2.5, True]),
]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["lisbon"], ["messages", "outputs", "attributes", "event"]),
        (["lisbon", "sintra"], ["outputs"]),
        (["gpt-4o", "lis"], ["stream"]),
        (["role"], ["messages"]),
        (["2.5"], ["other"]),
        (["nowhere"], []),
        (["attr.city=lisbon"], ["attributes"]),
        (["attr.city=lis*", "lisbon"], ["attributes"]),
        (["attr.city=lis"], []),
        (["attr.town=lisbon"], []),
    ],
)
def test_all_words_must_be_in_a_spans_texts_in_any_case(words: list[str], found: list[str]) -> None:
    reply = search(SPANS, words, 7)
    assert (reply["number"], reply["ids"], reply.get("note")) == (7, found, None)


def test_a_search_ends_in_time_and_says_how_far_it_came() -> None:
    clock = count()
    reply = search(SPANS, ["lisbon"], 1, max_s=2, now_s=lambda: float(next(clock)))
    assert reply["ids"] == ["messages", "outputs"]
    assert reply.get("note") == "only the first 2 of 6 spans were searched, for 2 s"


def test_a_value_nested_as_deep_as_can_be_is_searched() -> None:
    deep: Any = "lisbon"
    for _ in range(100_000):
        deep = [deep]
    assert search([span("deep", inputs=deep)], ["lisbon"], 1)["ids"] == ["deep"]
