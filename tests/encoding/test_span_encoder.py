"""What crosses to the browser: redacted, bounded and valid JSON."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from typing import Any

import pytest

from ipy_llmtrace.encoding import span_encoder
from ipy_llmtrace.redaction.redactor import MAX_LEVELS, Redactor
from ipy_llmtrace.trace import tree
from ipy_llmtrace.trace.span import Event, Span, Tokens

ORIGIN_NS = 1_700_000_000_000_000_000
SECRET = "sk-" + "a1" * 20
redactor = Redactor({})


def span(**fields: Any) -> Span:
    given = {"span_id": "5", "trace_id": "tr-1", "parent_id": None, "name": "call", "start_ns": ORIGIN_NS + 5, **fields}
    return Span(**given)


def failed(**attributes: str) -> Span:
    return span(status="error", message="503", events=[Event("exception", ORIGIN_NS + 9, attributes)])


def detail(limit_chars: int | None = span_encoder.LIMIT_CHARS, **fields: Any) -> Any:
    return span_encoder.detail(span(**fields), redactor, ORIGIN_NS, limit_chars)


def test_a_running_spans_row_has_what_is_known_and_no_more():
    assert span_encoder.row(span(), ORIGIN_NS, redactor) == {
        "id": "5",
        "trace": "tr-1",
        "name": "call",
        "type": "UNKNOWN",
        "status": "running",
        "start_ns": 5,
    }


def test_an_ended_spans_row_counts_times_from_the_origin():
    ended = span(
        parent_id="4",
        type="LLM",
        end_ns=ORIGIN_NS + 30,
        first_token_ns=ORIGIN_NS + 10,
        status="ok",
        model="gpt",
        provider="openai",
        tokens=Tokens(input=3, output=0),
        cost_usd=0.0,
    )
    assert span_encoder.row(ended, ORIGIN_NS, redactor) == {
        "id": "5",
        "trace": "tr-1",
        "parent": "4",
        "name": "call",
        "type": "LLM",
        "status": "ok",
        "start_ns": 5,
        "end_ns": 30,
        "first_token_ns": 10,
        "model": "gpt",
        "provider": "openai",
        "tokens": {"input": 3, "output": 0},
        "cost_usd": 0.0,
    }


def test_names_and_messages_of_rows_are_redacted_and_bounded():
    failed = span(name=f"ask {SECRET}", type=SECRET, status="error", message=SECRET + "x " * 5_000)
    row = span_encoder.row(failed, ORIGIN_NS, redactor)
    assert (row["name"], row["type"]) == ("ask [redacted: API key]", "[redacted: API key]")
    assert row.get("message", "").startswith("[redacted: API key]")
    assert len(row.get("message", "")) == 600


def test_an_exception_event_says_more_than_the_status_message():
    event = {"exception.type": "HTTPError", "exception.message": "503 busy", "exception.stacktrace": "Traceback"}
    assert span_encoder.error(failed(**event)) == {"type": "HTTPError", "message": "503 busy", "stack": "Traceback"}
    assert span_encoder.error(failed()) == {"type": "Error", "message": "503"}
    assert span_encoder.error(span(status="error", message="cancelled")) == {"type": "Error", "message": "cancelled"}
    assert span_encoder.error(span(status="ok", message="503")) is None


def test_the_stack_is_sent_once():
    found = span_encoder.detail(failed(**{"exception.type": "E", "exception.stacktrace": "Traceback"}), redactor, ORIGIN_NS)
    assert found.get("events") == [{"name": "exception", "time_ns": 9, "attributes": {"exception.type": "E"}}]
    assert found.get("error") == {"type": "E", "message": "503", "stack": "Traceback"}


def test_attributes_that_are_shown_elsewhere_are_left_out():
    attributes = {"mlflow.spanInputs": 1, "raw_llm_response": 2, "mlflow.chat.tokenUsage": 3, "cache_hit": False}
    assert detail(attributes=attributes) == {"attributes": {"cache_hit": False}}


def test_every_part_of_a_detail_is_redacted_before_it_is_shortened():
    found = detail(
        20,
        type="LLM",
        inputs={"messages": [{"role": "user", "content": f"0123456789 {SECRET}"}]},
        outputs={"choices": [{"message": {"role": "assistant", "content": SECRET}}]},
        attributes={"a": SECRET},
        params={"api_key": "hunter2"},
        events=[Event(SECRET, ORIGIN_NS, {SECRET: SECRET})],
        status="error",
        message=SECRET,
    )
    assert "a1a1" not in json.dumps(found)
    assert "hunter2" not in json.dumps(found)
    assert found["inputs"]["messages"][0]["content"] == "0123456789 [redacted… [first 20 of 30 characters]"
    assert found["chat"]["messages"][0]["parts"][0]["text"] == found["inputs"]["messages"][0]["content"]
    assert found["cut"] == 1


def test_long_strings_and_long_lists_of_numbers_are_shortened_and_counted():
    found = detail(10, inputs={"text": "word " * 4, "embedding": [0.5] * 1_536, "ids": [1] * 64})
    assert found["inputs"] == {
        "text": "word word … [first 10 of 20 characters]",
        "embedding": [0.5] * 8 + ["… [first 8 of 1,536 numbers]"],
        "ids": [1] * 64,
    }
    assert found["cut"] == 2


def test_of_a_large_image_only_the_beginning_is_sent():
    found = detail(1_000, inputs=["data:image/png;base64," + "A" * 2_000, "B" * 2_000])
    assert found["inputs"][0] == "data:image/png;base64," + "A" * 42 + "… [first 64 of 2,022 characters]"
    assert found["inputs"][1] == "B" * 64 + "… [first 64 of 2,000 characters]"


def test_the_whole_is_sent_to_who_asks_for_it():
    inputs = {"text": "x" * 200_000, "embedding": [0.5] * 1_536}
    assert detail(None, inputs=inputs) == {"inputs": inputs}


def test_a_running_streams_text_is_sent_until_there_are_outputs():
    assert detail(text="so far")["text"] == "so far"
    assert "text" not in detail(text="so far", outputs="all of it")


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        (2**53 - 1, 2**53 - 1),
        (2**53, "9007199254740992"),
        pytest.param(10**5_000, "[integer of 16,610 bits]", id="huge"),
        ("a\ud800b", "a\ufffdb"),
        ({1: True, None: False}, {"1": True, "None": False}),
        ((1, 2), [1, 2]),
        (b"bytes", "b'bytes'"),
    ],
)
def test_what_json_or_javascript_cannot_hold_becomes_text(value: Any, encoded: Any):
    assert detail(inputs=[value])["inputs"] == [encoded]
    json.dumps(detail(inputs=[value]), allow_nan=False).encode()


def test_deep_values_end_in_a_sentence_with_or_without_redaction():
    value: Any = "bottom"
    for _ in range(5_000):
        value = {"deeper": [value]}
    deep = span(type="LLM", inputs=value, outputs={"choices": [{"message": {"content": value}}]})
    for each in (redactor, Redactor.none()):
        assert f"more than {MAX_LEVELS} levels" in json.dumps(span_encoder.detail(deep, each, ORIGIN_NS))


def test_the_header_leaves_out_what_is_unknown():
    running = tree.summary([span()])
    assert span_encoder.summary(running) == {
        "state": "running",
        "spans": 1,
        "calls": 0,
        "errors": 0,
        "tokens": {},
        "unpriced": 0,
    }


def test_the_header_has_what_is_known():
    ended = tree.summary([span(type="LLM", end_ns=ORIGIN_NS + 9, status="ok", tokens=Tokens(3, 4, cached=1), cost_usd=0.5)])
    assert span_encoder.summary(ended) == {
        "state": "ok",
        "spans": 1,
        "calls": 1,
        "errors": 0,
        "tokens": {"input": 3, "output": 4, "cached": 1},
        "cost_usd": 0.5,
        "unpriced": 0,
        "duration_ns": 4,
    }


def test_an_estimate_is_told_apart_from_what_was_measured():
    guessed = {"estimated_tokens": Tokens(3, 4), "estimated_cost_usd": 0.5}
    ended = span(type="LLM", end_ns=ORIGIN_NS + 9, status="ok", **guessed)
    row, total = span_encoder.row(ended, ORIGIN_NS, redactor), span_encoder.summary(tree.summary([ended]))
    for found in (row, total):
        assert found.get("estimated_tokens") == {"input": 3, "output": 4}
        assert (found.get("estimated_cost_usd"), found.get("cost_usd")) == (0.5, None)
    assert ("tokens" in row, total["tokens"], total.get("uncounted"), total["unpriced"]) == (False, {}, 1, 0)


def test_the_footers_sentences_are_redacted():
    assert span_encoder.notes([f"To {SECRET}."], redactor) == ["To [redacted: API key]."]


def test_any_json_value_comes_through_whole():
    rng = random.Random(0)

    def anything(depth: int) -> Any:
        kind = rng.randint(0, 4 if depth == 0 else 6)
        if kind == 5:
            return [anything(depth - 1) for _ in range(rng.randint(0, 4))]
        if kind == 6:
            return {str(i): anything(depth - 1) for i in range(rng.randint(0, 4))}
        return [None, True, rng.randint(-(2**53) + 1, 2**53 - 1), rng.random(), "text é\x00\u2028"][kind]

    for _ in range(2_000):
        value = {"value": anything(6)}
        assert detail(inputs=value)["inputs"] == value


def test_nothing_heavy_is_imported():
    code = (
        "import sys; from ipy_llmtrace.encoding import span_encoder; from ipy_llmtrace.trace import conversation;"
        "from ipy_llmtrace.render import html, text;"
        "print(*{'mlflow', 'litellm', 'ipywidgets', 'anywidget', 'pydantic', 'IPython'} & sys.modules.keys())"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
