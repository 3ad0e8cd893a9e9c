"""What the notebook keeps of a trace stays within its bytes, and loses what matters least first."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ipy_llmtrace import encode, saved
from ipy_llmtrace.redact import Redactor
from ipy_llmtrace.span import Span

NONE = Redactor.none()


def words(seed: object, chars: int) -> str:
    rng = random.Random(str(seed))
    return " ".join(f"{rng.getrandbits(40):010x}" for _ in range(chars // 11 + 1))[:chars]


def snapshot(spans: list[Span]) -> Any:
    return encode.snapshot(spans, {"label": "3"}, 9, 0, ["traces in mlflow.db"], NONE)


def call(index: int, *, chars: int = 300, **fields: Any) -> Span:
    given = {"type": "LLM", "parent_id": "root", "status": "ok", "inputs": {"text": words(index, chars)}, **fields}
    return Span(span_id=f"s{index}", trace_id="tr-1", name=f"call {index}", start_ns=index, end_ns=index + 1, **given)


def trace(count: int, **fields: Any) -> list[Span]:
    root = Span("root", "tr-1", None, "agent", 0, type="AGENT", end_ns=10**9, status="ok", inputs=words("root", 300))
    return [root, *(call(index, **fields) for index in range(count))]


def details(found: Any) -> set[str]:
    return {span["row"]["id"] for span in found["spans"] if "detail" in span}


def test_what_fits_is_kept_as_it_is():
    whole = snapshot(trace(20))
    assert saved.kept(whole, 100_000) is whole


@pytest.mark.parametrize("count", [1, 50, 2_000])
@pytest.mark.parametrize("max_bytes", [2_000, 10_000, 250_000])
def test_what_is_kept_is_within_its_bytes(count: int, max_bytes: int):
    found = saved.kept(snapshot(trace(count, chars=2_000)), max_bytes)
    assert saved.size_bytes(found) <= max_bytes
    assert json.loads(json.dumps(found)) == found


def test_not_much_of_the_room_is_wasted():
    found = saved.kept(snapshot(trace(2_000, chars=2_000)), 250_000)
    assert saved.size_bytes(found) > 200_000


def test_long_strings_are_shortened_before_any_detail_is_left_out():
    found = saved.kept(snapshot(trace(5, chars=60_000)), 30_000)
    assert len(details(found)) == 6
    text = found["spans"][1].get("detail", {}).get("inputs")["text"]
    assert text.endswith("… [first 1,024 of 60,000 characters]")
    assert found["spans"][1].get("detail", {}).get("cut") == 2  # in the inputs and in the chat


def test_shortening_twice_still_says_how_long_the_whole_was():
    spans = [call(0, chars=200_000)]
    found = saved.kept(snapshot(spans), 6_000)
    assert "of 200,000 characters]" in found["spans"][0].get("detail", {}).get("inputs")["text"]


def test_every_row_is_kept_before_any_detail():
    found = saved.kept(snapshot(trace(300, chars=900)), 15_000)
    assert len(found["spans"]) == 301
    assert 0 < len(details(found)) < 301


def test_details_of_failures_stay_longest_then_those_of_calls():
    spans = trace(300, chars=900, type="CHAIN")
    spans[200] = call(199, chars=900, type="CHAIN", status="error", message="busy")
    spans[100:110] = [call(index - 1, chars=900, type="TOOL") for index in range(100, 110)]
    found = details(saved.kept(snapshot(spans), 25_000))
    assert {"s199", *(f"s{index}" for index in range(99, 109))} <= found
    assert len(found) < 100


def test_one_huge_detail_does_not_keep_the_small_ones_out():
    huge = call(99, inputs=[words(index, 1_000) for index in range(400)])
    found = details(saved.kept(snapshot([huge, *trace(20)]), 20_000))
    assert found == {"root", *(f"s{index}" for index in range(20))}


def test_rows_are_cut_from_below_so_that_parents_are_there():
    chain = [Span(f"d{i}", "tr-1", f"d{i - 1}" if i else None, f"step {i}", i, end_ns=i + 1, status="ok") for i in range(5_000)]
    found = saved.kept(snapshot(chain[::-1]), 5_000)
    kept = {span["row"]["id"] for span in found["spans"]}
    assert kept == {f"d{i}" for i in range(len(kept))}
    assert 0 < len(kept) < 5_000


def test_spans_that_are_each_others_parents_are_kept_too():
    spans = [call(i, parent_id=f"s{(i + 1) % 300}", chars=900) for i in range(300)]
    assert len(saved.kept(snapshot(spans), 15_000)["spans"]) == 300


def test_the_footer_says_what_is_missing():
    found = saved.kept(snapshot(trace(300, chars=900)), 15_000)
    missing = 301 - len(details(found))
    assert found["notes"] == [
        "traces in mlflow.db",
        f"details of {missing:,} spans are not kept in this notebook, for their size (--max-saved)",
    ]
    assert sum("left_out" in span for span in found["spans"]) == missing


def test_header_and_number_stay_those_of_the_whole():
    whole = snapshot(trace(300, chars=900))
    found = saved.kept(whole, 15_000)
    assert {name: found[name] for name in ("v", "seq", "cell", "origin_ms", "summary")} == {
        name: whole[name] for name in ("v", "seq", "cell", "origin_ms", "summary")
    }
