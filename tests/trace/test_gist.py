"""What a row says of its span: a title, and a gist in one line."""

from __future__ import annotations

from typing import Any

import pytest

from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace.gist import GIST_CHARS, exchange, gist, title
from ipy_llmtrace.trace.span import Span

REDACTOR = Redactor({})
ASKED = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where is\nmy order?"}]}


def span(**fields: Any) -> Span:
    return Span(**{"span_id": "a", "trace_id": "tr-1", "parent_id": None, "name": "step", "start_ns": 0, **fields})


def call(outputs: Any = None, **fields: Any) -> Span:
    return span(
        **{"name": "litellm-completion", "type": "LLM", "model": "gpt-4o-mini", "inputs": ASKED, "outputs": outputs, **fields}
    )


def reply(content: str | None, *tools: tuple[str, str]) -> dict[str, Any]:
    calls = [{"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}} for name, arguments in tools]
    return {"choices": [{"message": {"role": "assistant", "content": content, "tool_calls": calls or None}}]}


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (call(), "gpt-4o-mini"),
        (call(model=None), "litellm-completion"),
        (call(name="plan the trip"), "plan the trip"),
        (call(attributes={"metadata": {"generation_name": "summary"}}), "summary"),
        (call(attributes={"metadata": {"generation_name": " "}}), "gpt-4o-mini"),
        (span(name="search_orders", type="TOOL"), "search_orders"),
        (span(name="my sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"), None),
    ],
)
def test_the_title_is_the_users_name_else_the_model(made: Span, said: str | None):
    found = title(made, REDACTOR)
    assert found == said if said is not None else "abcdefghij" not in found


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (call(), "Where is my order?"),
        (call(text="Your order is"), "“Your order is”"),
        (call(reply("Your order\nis in transit.")), "“Your order is in transit.”"),
        (call(reply(None, ("search_orders", '{"query": "Lisbon"}'))), '→ search_orders(query="Lisbon")'),
        (call(reply("Let me look.", ("search", '{"q": 1}'), ("stop", "not JSON"))), "→ search(q=1), stop(not JSON)"),
        (call(reply(None, *[(f"tool_{n}", "{}") for n in range(5)])), "→ tool_0(), tool_1(), tool_2(), 2 more"),
        (call({"data": [{"url": "https://example.org/a.png"}]}), "1 image"),
        (call(inputs=None), ""),
    ],
)
def test_a_call_says_the_tools_it_asked_for_else_its_reply_else_the_question(made: Span, said: str):
    assert gist(made, REDACTOR) == said


@pytest.mark.parametrize(
    ("inputs", "outputs", "said"),
    [
        ({"query": "Lisbon"}, [{"id": 1}, {"id": 2}, {"id": 3}], '"Lisbon" → 3 rows'),
        ({"city": "Paris"}, {"harbour": "Quai", "depth_m": 9}, '"Paris" → harbour: Quai, depth_m: 9'),
        ({"city": "Paris", "days": 3}, "sunny", 'city="Paris", days=3 → sunny'),
        ({"args": ["Paris"], "kwargs": {"days": 3}}, 12, '"Paris", days=3 → 12'),
        ({"self": "<Tool>", "order": "TP-535"}, '{"state": "in transit"}', '"TP-535" → state: in transit'),
        ('{"order": "TP-535"}', ["a"], '"TP-535" → 1 item'),
        ({"order": "TP-535"}, None, '"TP-535"'),
        ({"a": 1, "b": 2, "c": 3, "d": 4}, {}, "a=1, b=2, c=3, … → {}"),
        (None, None, ""),
        ({}, [], "→ 0 items"),
    ],
)
def test_a_tool_says_its_arguments_and_its_result(inputs: Any, outputs: Any, said: str):
    assert gist(span(type="TOOL", inputs=inputs, outputs=outputs), REDACTOR) == said


def test_a_retriever_says_its_query_and_how_many_documents():
    found = span(type="RETRIEVER", inputs={"k": 4, "query": "tides"}, outputs=[{"page_content": "…"}] * 4)
    assert gist(found, REDACTOR) == '"tides" → 4 documents'


def test_an_embedding_says_what_and_how_long():
    vector = {"data": [{"embedding": [0.0] * 1536}]}
    assert gist(span(type="EMBEDDING", inputs={"input": "tides"}, outputs=vector), REDACTOR) == '"tides" → 1,536 dimensions'
    assert gist(span(type="EMBEDDING", inputs={"input": ["a", "b"]}, outputs=vector), REDACTOR) == "2 texts → 1,536 dimensions"


def test_other_spans_say_their_first_argument():
    assert gist(span(type="AGENT", inputs={"self": "x", "task": "plan", "days": 3}), REDACTOR) == '"plan"'
    assert gist(span(), REDACTOR) == ""


def test_a_gist_is_one_bounded_line_without_secrets():
    key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
    for text in (f"{key} " * 50, "x" * 140 + key, "word " * 500):
        for made in (call(reply(text)), call(inputs={"messages": [{"role": "user", "content": text}]})):
            found = gist(made, REDACTOR)
            assert len(found) <= GIST_CHARS
            assert "\n" not in found
            assert "sk-proj-a" not in found


def test_what_is_secret_by_its_name_is_left_out():
    login = {"user": "ann", "password": "hunter2"}
    for made in (
        span(type="TOOL", inputs={"password": "hunter2"}, outputs=login),
        span(type="TOOL", inputs=login, outputs=[login]),
        span(type="CHAIN", inputs={"login": [login]}),
        call(reply(None, ("log_in", '{"user": "ann", "password": "hunter2"}'))),
    ):
        assert "hunter2" not in gist(made, REDACTOR)
        assert "hunter2" in gist(made, Redactor.none()) or made.type == "TOOL"


@pytest.mark.parametrize("value", ["[" * 5000, {"a": [[[1]]]}, 1e400, "\ud800", [None], True])
def test_whatever_a_program_traces_has_a_gist(value: Any):
    for kind in ("TOOL", "LLM", "EMBEDDING", "RETRIEVER", "CHAIN"):
        assert isinstance(gist(span(type=kind, inputs=value, outputs=value), REDACTOR), str)
        assert all(isinstance(half, str) for half in exchange(span(type=kind, inputs=value, outputs=value), REDACTOR))


def test_an_exchange_is_what_was_asked_last_and_what_came_back():
    assert exchange(call(reply("In transit.")), REDACTOR) == ("Where is my order?", "“In transit.”")
    assert exchange(span(type="TOOL", inputs={"a": 1}, outputs=[1, 2]), REDACTOR) == ("1", "2 items")
