"""Rows as columns: nothing lost, and nothing said that need not be."""

from __future__ import annotations

import random
from typing import Any, cast

from ipy_llmtrace.encoding.columns import columns
from ipy_llmtrace.wire import Columns, Row

TEXTS = ("trace", "name", "type", "message", "model", "provider")
TOKENS = ("input", "output", "cached", "cache_write", "reasoning")


def rows_of(found: Columns) -> list[dict[str, Any]]:
    """The rows again, as the browser reads them."""
    given, rows, start_ns = cast(dict[str, Any], found), [], 0
    for number, span_id in enumerate(found["id"]):
        each: dict[str, Any] = {name: values[number] for name, values in given.items() if name not in ("texts", "detail")}
        each = {name: found["texts"][value] if name in TEXTS and value is not None else value for name, value in each.items()}
        start_ns += each["start_ns"]
        each |= {"id": span_id, "start_ns": start_ns, "status": each.get("status", "ok")}
        for name in ("end_ns", "first_token_ns"):
            if each.get(name) is not None:
                each[name] += start_ns
        if isinstance(each.get("parent"), int):
            each["parent"] = found["id"][each["parent"]]
        tokens = {name: value for name in TOKENS if (value := each.pop(name, None)) is not None}
        guessed = {name: value for name in TOKENS if (value := each.pop(f"estimated_{name}", None)) is not None}
        counted = {name: counts for name, counts in (("tokens", tokens), ("estimated_tokens", guessed)) if counts}
        rows.append({name: value for name, value in each.items() if value is not None} | counted)
    return rows


def row(number: int, **more: Any) -> Row:
    given = {
        "id": f"s{number}",
        "trace": "tr-1",
        "name": "call",
        "type": "LLM",
        "status": "ok",
        "start_ns": 10 * number,
        **more,
    }
    return cast(Row, given)


def test_what_only_the_plainest_rows_say_is_left_out():
    assert columns([row(1), row(2, name="other")], [1, 1]) == {
        "texts": ["tr-1", "call", "other", "LLM"],
        "id": ["s1", "s2"],
        "trace": [0, 0],
        "name": [1, 2],
        "type": [3, 3],
        "start_ns": [10, 10],
    }


def test_no_rows_are_columns_too():
    assert columns([], []) == {"texts": [], "id": [], "trace": [], "name": [], "type": [], "start_ns": []}


def test_a_parent_is_a_number_among_the_rows_and_an_id_beyond_them():
    found = columns([row(1, parent="s2"), row(2), row(3, parent="elsewhere")], [1, 0, 2])
    assert found.get("parent") == [1, None, "elsewhere"]
    assert found.get("detail") == [1, 0, 2]


def test_any_rows_come_through_whole():
    rng = random.Random(0)

    def perhaps(name: str, value: Any) -> dict[str, Any]:
        return {name: value} if rng.random() < 0.5 else {}

    for _ in range(200):
        rows = [
            row(
                number,
                name=rng.choice(["a", "b", "é\n"]),
                status=rng.choice(["running", "ok", "error"]),
                start_ns=rng.randrange(-5, 2**53 - 1),
                **perhaps("parent", f"s{rng.randrange(12)}"),
                **perhaps("message", "busy"),
                **perhaps("end_ns", rng.randrange(2**53 - 1)),
                **perhaps("first_token_ns", 7),
                **perhaps("model", "gpt"),
                **perhaps("provider", "openai"),
                **perhaps("tokens", {name: rng.randrange(99) for name in rng.sample(TOKENS, rng.randint(1, 5))}),
                **perhaps("cost_usd", rng.random()),
                **perhaps("estimated_tokens", {"input": 3, "output": rng.randrange(99)}),
                **perhaps("estimated_cost_usd", rng.random()),
                **perhaps("tool_calls", 2),
            )
            for number in range(rng.randint(1, 9))
        ]
        assert rows_of(columns(rows, [1] * len(rows))) == rows
