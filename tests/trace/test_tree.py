"""Order, depth and sums of spans, in any order of arrival."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from ipy_llmtrace.trace import tree
from ipy_llmtrace.trace.span import Span, Status, Tokens

MS = 1_000_000
ROLLUPS = Path(__file__).with_name("rollups.json")


def span(
    name: str,
    parent: str | None = None,
    start: int = 0,
    *,
    type: str = "CHAIN",
    status: Status = "ok",
    tokens: int | None = None,
    cost_usd: float | None = None,
    trace_id: str = "tr-1",
) -> Span:
    return Span(
        span_id=name,
        trace_id=trace_id,
        parent_id=parent,
        name=name,
        start_ns=start * MS,
        end_ns=None if status == "running" else (start + 10) * MS,
        type=type,
        status=status,
        tokens=None if tokens is None else Tokens(input=tokens),
        cost_usd=cost_usd,
    )


def outline(roots: list[Span]) -> list[str]:
    return ["  " * depth + found.name for depth, found in tree.walk(roots)]


def test_children_stand_under_their_parent_by_start_then_by_arrival():
    spans = [span("late", "root", 5), span("b", "root", 2), span("a", "root", 2), span("root"), span("leaf", "b", 3)]
    assert outline(tree.build(spans)) == ["root", "  b", "    leaf", "  a", "  late"]


def test_a_span_whose_parent_is_not_there_is_a_root():
    assert outline(tree.build([span("orphan", "elsewhere", 2), span("root", None, 1)])) == ["root", "orphan"]


def test_a_parent_is_looked_for_in_its_own_trace():
    spans = [span("a", trace_id="tr-1"), span("b", "a", 1, trace_id="tr-2")]
    assert outline(tree.build(spans)) == ["a", "b"]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([span("self", "self")], ["self"]),
        ([span("b", "a", 2), span("a", "b", 1), span("leaf", "b", 3)], ["a", "  b", "    leaf"]),
    ],
)
def test_a_cycle_is_broken_at_its_first_span(spans: list[Span], expected: list[str]):
    assert outline(tree.build(spans)) == expected


def test_spans_with_a_repeated_id_are_all_shown_and_take_children_that_came_after_them():
    spans = [span("root"), span("child", "root", 1), span("root", None, 20), span("child", "root", 21)]
    assert outline(tree.build(spans)) == ["root", "  child", "root", "  child"]


def test_every_span_is_shown_once_whatever_the_parents_and_the_order():
    rng = random.Random(0)
    for _ in range(300):
        number = rng.randint(1, 12)
        names = [str(i) for i in range(number)]
        spans = [span(name, rng.choice([None, "missing", *names]), rng.randint(0, 3)) for name in names]
        rng.shuffle(spans)
        roots = tree.build(spans)
        assert sorted(found.name for _, found in tree.walk(roots)) == sorted(names)
        assert tree.summary(spans).spans == number
        assert outline(tree.build(roots)) == outline(roots)


def test_depth_is_bounded_by_memory_only():
    spans = [span(str(i), str(i - 1), i, type="LLM", tokens=1) for i in range(5_000)]
    roots = tree.build(reversed(spans))
    assert [depth for depth, _ in tree.walk(roots)] == list(range(5_000))
    assert tree.summary(spans).calls == 1


def test_a_new_record_of_a_child_replaces_the_one_in_an_older_tree():
    root, running = span("root"), span("child", "root", 1, status="running")
    tree.build([root, running])
    assert tree.summary([root, span("child", "root", 1)]).state == "ok"


def test_an_agents_own_tokens_are_not_added_to_those_of_its_calls():
    spans = [
        span("agent", type="AGENT", tokens=30, cost_usd=0.3),
        span("first", "agent", 1, type="LLM", tokens=10, cost_usd=0.1),
        span("tool", "agent", 2, type="TOOL"),
        span("second", "tool", 3, type="LLM", tokens=20, cost_usd=0.2),
    ]
    sums = tree.rollup(tree.build(spans))
    assert sums["agent"] == tree.Rollup(2, 0, Tokens(input=30), pytest.approx(0.3), 0)
    assert sums["tool"] == tree.Rollup(1, 0, Tokens(input=20), 0.2, 0)


def test_an_agents_own_tokens_count_when_its_calls_know_none():
    spans = [span("agent", type="AGENT", tokens=30), span("call", "agent", 1, type="LLM")]
    assert tree.rollup(tree.build(spans))["agent"].tokens == Tokens(input=30)


def test_requests_below_a_call_are_counted_and_the_call_is_not():
    spans = [
        span("call", type="CHAT_MODEL", tokens=10, cost_usd=0.1),
        span("attempt 1", "call", 1, type="LLM", status="error"),
        span("attempt 2", "call", 2, type="LLM", tokens=10, cost_usd=0.1),
    ]
    summary = tree.summary(spans)
    assert (summary.calls, summary.tokens, summary.cost_usd, summary.errors) == (2, Tokens(input=10), 0.1, 1)


@pytest.mark.parametrize("case", json.loads(ROLLUPS.read_text()), ids=lambda case: case["name"])
def test_sums_are_those_of_the_shared_examples(case: dict[str, Any]):
    """The page sums up as well: js/src/store/rollup.test.ts has the same examples."""
    spans = [
        Span(
            span_id=each["id"],
            trace_id="tr-1",
            parent_id=each.get("parent"),
            name=each["id"],
            start_ns=number,
            end_ns=number + 1,
            type=each["type"],
            status=each.get("status", "ok"),
            tokens=Tokens(**each["tokens"]) if "tokens" in each else None,
            cost_usd=each.get("cost_usd"),
            estimated_tokens=Tokens(**each["estimated_tokens"]) if "estimated_tokens" in each else None,
            estimated_cost_usd=each.get("estimated_cost_usd"),
        )
        for number, each in enumerate(case["spans"])
    ]
    for order in (spans, spans[::-1]):
        sums = tree.rollup(tree.build(order))
        assert {name: told(sums[name]) for name in case["totals"]} == case["totals"]


def told(sums: tree.Rollup) -> dict[str, Any]:
    """The sums that are not nothing, as the examples write them."""
    found: dict[str, Any] = {"calls": sums.calls, "unpriced": sums.unpriced, "uncounted": sums.uncounted}
    for name in ("tokens", "estimated_tokens"):
        if (tokens := getattr(sums, name)) is not None:
            found[name] = {"input": tokens.input or 0, "output": tokens.output or 0}
    found |= {"cost_usd": sums.cost_usd or 0, "estimated_cost_usd": sums.estimated_cost_usd or 0}
    return {name: value for name, value in found.items() if value}


def test_tokens_of_attempts_count_when_the_call_knows_none():
    spans = [span("call", type="LLM"), span("attempt", "call", 1, type="LLM", tokens=7, cost_usd=0.5)]
    summary = tree.summary(spans)
    assert (summary.calls, summary.tokens, summary.cost_usd, summary.unpriced) == (1, Tokens(input=7), 0.5, 0)


def test_a_call_made_by_a_tool_of_a_call_is_another_call():
    spans = [
        span("outer", type="LLM", tokens=10, cost_usd=1.0),
        span("tool", "outer", 1, type="TOOL"),
        span("inner", "tool", 2, type="LLM", tokens=5, cost_usd=0.5),
    ]
    summary = tree.summary(spans)
    assert (summary.calls, summary.tokens, summary.cost_usd) == (2, Tokens(input=15), 1.5)


def test_calls_without_a_price_are_counted_once_they_have_ended_and_used_tokens():
    spans = [
        span("priced", type="LLM", cost_usd=0.1),
        span("unpriced", type="EMBEDDING"),
        span("failed", type="LLM", status="error"),
        span("failed late", type="LLM", status="error", tokens=5),
        span("running", type="LLM", status="running"),
    ]
    summary = tree.summary(spans)
    assert (summary.cost_usd, summary.unpriced) == (0.1, 2)


def test_an_error_is_counted_where_it_began():
    spans = [
        span("root", status="error"),
        span("step", "root", 1, status="error"),
        span("call", "step", 2, status="error"),
        span("other", "root", 3, status="error"),
    ]
    assert tree.summary(spans).errors == 2
    assert tree.rollup(tree.build(spans))["step"].errors == 1


@pytest.mark.parametrize(
    ("statuses", "state", "duration_ns"),
    [
        (("ok", "ok"), "ok", 15 * MS),
        (("error", "ok"), "error", 15 * MS),
        (("ok", "error"), "ok", 15 * MS),
        (("error", "running"), "running", None),
    ],
)
def test_the_state_is_running_then_that_of_the_roots(statuses: tuple[Status, Status], state: str, duration_ns: int | None):
    summary = tree.summary([span("root", status=statuses[0]), span("child", "root", 5, status=statuses[1])])
    assert (summary.state, summary.duration_ns, summary.start_ns) == (state, duration_ns, 0)


def test_nothing_sums_up_to_nothing():
    assert tree.summary([]) == tree.Summary("ok", 0, 0, 0, Tokens(), None, 0, 0, 0)
