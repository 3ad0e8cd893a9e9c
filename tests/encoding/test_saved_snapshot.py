"""What the notebook keeps of a trace stays within its bytes, and loses what matters least first."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from envelopes import opened

from ipy_llmtrace.encoding import saved_snapshot
from ipy_llmtrace.encoding.envelope import file_bytes
from ipy_llmtrace.encoding.snapshot import Snapshot, encoded, shortened
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace import tree
from ipy_llmtrace.trace.span import Span

NONE = Redactor.none()


def words(seed: object, chars: int) -> str:
    rng = random.Random(str(seed))
    return " ".join(f"{rng.getrandbits(40):010x}" for _ in range(chars // 11 + 1))[:chars]


def snapshot(spans: list[Span]) -> Snapshot:
    return Snapshot(
        [encoded(span, 0, NONE) for span in spans], {"label": "3"}, 9, 0, tree.summary(spans), ["traces in mlflow.db"]
    )


class Kept:
    """What is kept of a snapshot, as the browser reads it. ``details`` are those that are kept, by span id."""

    def __init__(self, whole: Snapshot, max_bytes: int) -> None:
        self.packed = saved_snapshot.kept(whole, max_bytes)
        self.head, lines = opened(self.packed)
        ids = self.head["rows"]["id"]
        self.states: list[int] = self.head["rows"].get("detail", [1] * len(ids))
        with_detail = [span_id for span_id, state in zip(ids, self.states, strict=True) if state == 1]
        self.details: dict[str, Any] = dict(zip(with_detail, map(json.loads, lines), strict=True))
        self.ids: list[str] = ids
        self.notes: list[str] = self.head["notes"]


def call(index: int, *, chars: int = 300, **fields: Any) -> Span:
    given = {"type": "LLM", "parent_id": "root", "status": "ok", "inputs": {"text": words(index, chars)}, **fields}
    return Span(span_id=f"s{index}", trace_id="tr-1", name=f"call {index}", start_ns=index, end_ns=index + 1, **given)


def trace(count: int, **fields: Any) -> list[Span]:
    root = Span("root", "tr-1", None, "agent", 0, type="AGENT", end_ns=10**9, status="ok", inputs=words("root", 300))
    return [root, *(call(index, **fields) for index in range(count))]


def test_what_fits_is_kept_as_it_is():
    whole = snapshot(trace(20))
    assert saved_snapshot.kept(whole, 100_000) == whole.packed()


@pytest.mark.parametrize("count", [1, 50, 2_000])
@pytest.mark.parametrize("max_bytes", [2_000, 10_000, 250_000])
def test_what_is_kept_is_within_its_bytes(count: int, max_bytes: int):
    found = Kept(snapshot(trace(count, chars=2_000)), max_bytes)
    assert file_bytes(found.packed) <= max_bytes
    assert len(found.ids) > min(count, 20)


def test_not_much_of_the_room_is_wasted():
    found = Kept(snapshot(trace(2_000, chars=2_000)), 250_000)
    assert file_bytes(found.packed) > 200_000


def test_long_strings_are_shortened_before_any_detail_is_left_out():
    found = Kept(snapshot(trace(5, chars=60_000)), 30_000)
    assert len(found.details) == 6
    assert found.details["s0"]["inputs"]["text"].endswith("… [first 1,024 of 60,000 characters]")
    assert found.details["s0"]["cut"] == 2  # in the inputs and in the chat


def test_shortening_twice_still_says_how_long_the_whole_was():
    spans = [call(0, chars=200_000)]
    found = Kept(snapshot(spans), 6_000)
    assert "of 200,000 characters]" in found.details["s0"]["inputs"]["text"]


def test_every_row_is_kept_before_any_detail():
    found = Kept(snapshot(trace(300, chars=900)), 15_000)
    assert len(found.ids) == 301
    assert 0 < len(found.details) < 301


def test_details_of_failures_stay_longest_then_those_of_calls():
    spans = trace(300, chars=900, type="CHAIN")
    spans[200] = call(199, chars=900, type="CHAIN", status="error", message="busy")
    spans[100:110] = [call(index - 1, chars=900, type="TOOL") for index in range(100, 110)]
    found = Kept(snapshot(spans), 25_000).details.keys()
    assert {"s199", *(f"s{index}" for index in range(99, 109))} <= found
    assert len(found) < 100


def test_one_huge_detail_does_not_keep_the_small_ones_out():
    huge = call(99, inputs=[words(index, 1_000) for index in range(400)])
    found = Kept(snapshot([huge, *trace(20)]), 20_000).details.keys()
    assert found == {"root", *(f"s{index}" for index in range(20))}


def test_rows_are_cut_from_below_so_that_parents_are_there():
    chain = [Span(f"d{i}", "tr-1", f"d{i - 1}" if i else None, f"step {i}", i, end_ns=i + 1, status="ok") for i in range(5_000)]
    kept = set(Kept(snapshot(chain[::-1]), 5_000).ids)
    assert kept == {f"d{i}" for i in range(len(kept))}
    assert 0 < len(kept) < 5_000


def test_spans_that_are_each_others_parents_are_kept_too():
    spans = [call(i, parent_id=f"s{(i + 1) % 300}", chars=900) for i in range(300)]
    assert len(Kept(snapshot(spans), 15_000).ids) == 300


def test_a_sentence_says_what_is_missing():
    found = Kept(snapshot(trace(300, chars=900)), 15_000)
    missing = 301 - len(found.details)
    assert found.notes[1:] == [f"details of {missing:,} spans are not kept in this notebook, for their size (--max-saved)"]
    assert found.states.count(2) == missing
    found = Kept(snapshot(trace(300, chars=900)), 3_000)
    assert found.notes[1] == f"{301 - len(found.ids):,} spans are not kept in this notebook, for their size (--max-saved)"


def test_header_and_number_stay_those_of_the_whole():
    whole = snapshot(trace(300, chars=900))
    same = ("v", "seq", "cell", "origin_ms", "summary")
    head, _ = opened(whole.packed())
    assert [Kept(whole, 15_000).head[name] for name in same] == [head[name] for name in same]


def test_long_strings_are_found_behind_any_escapes():
    span = encoded(call(0, inputs=['"' * 40, "\\" * 40, "\n" * 40, "x" * 40]), 0, NONE)
    assert shortened(span, 80) is span
    assert json.loads(shortened(span, 39).detail or "")["cut"] == 8  # in the inputs and in the chat
