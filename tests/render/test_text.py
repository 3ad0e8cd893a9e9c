"""The tree of lines."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.render import format
from ipy_llmtrace.render.text import text
from ipy_llmtrace.trace.span import Event, Span, Tokens

S = 1_000_000_000
MS = 1_000_000


def span(name: str, parent: str | None = None, start: float = 0, seconds: float | None = 1, **fields: Any) -> Span:
    start_ns = int(start * S)
    ended = {} if seconds is None else {"end_ns": start_ns + int(seconds * S), "status": "ok"}
    return Span(
        **{"span_id": name, "trace_id": "tr-1", "parent_id": parent, "name": name, "start_ns": start_ns, **ended, **fields}
    )


def test_a_trip_is_a_tree_of_lines():
    busy = Event("exception", 0, {"exception.type": "HTTPError", "exception.message": "503 Service\n  Unavailable"})
    spans = [
        span("plan_trip.run", None, 0, 6.21, type="AGENT"),
        span("ask", "plan_trip.run", 0.1, 1.2, type="LLM", model="gpt-4o-mini", tokens=Tokens(300, 101), cost_usd=0.0014),
        span("weather", "plan_trip.run", 1.3, 0.25, type="TOOL", status="error", events=[busy]),
        span("helper", "plan_trip.run", 2, 3),
        span("embed", "helper", 2.5, 0.0005, type="EMBEDDING", tokens=Tokens(1_803), cost_usd=0.0028),
    ]
    assert text(spans, "7") == dedent(
        """\
        LLM trace, cell [7] · 2 LLM calls · 2,204 tokens · $0.0042 · 6.21 s · 1 error
        └─ AGENT plan_trip.run · 6.21 s
           ├─ LLM ask · gpt-4o-mini · 401 tokens · $0.0014 · 1.20 s
           ├─ TOOL weather · 250 ms ✗ HTTPError: 503 Service Unavailable
           └─ helper · 3.00 s
              └─ EMBEDDING embed · 1,803 tokens · $0.0028 · 500 µs"""
    )


def test_a_running_cell_says_so_and_draws_several_roots():
    spans = [span("a", None, 0), span("b", None, 1, None, type="LLM"), span("c", "a", 0.5)]
    assert text(spans, "") == dedent(
        """\
        LLM trace, cell [] · 1 LLM call · … running
        ├─ a · 1.00 s
        │  └─ c · 1.00 s
        └─ LLM b · … running"""
    )


def test_spans_whose_parents_never_came_stand_under_a_heading_behind_the_roots():
    spans = [span("late", "lost", 0), span("below", "late", 0.5), span("root", None, 1), span("other", "lost", 2)]
    assert text(spans, "7").splitlines()[1:] == [
        "├─ root · 1.00 s",
        "└─ Unattached spans",
        "   ├─ late · 1.00 s",
        "   │  └─ below · 1.00 s",
        "   └─ other · 1.00 s",
    ]
    assert text(spans, "7", max_lines=2).splitlines()[-3:] == ["└─ Unattached spans", "   ├─ late · 1.00 s", "… 2 more spans"]


def test_a_cell_without_spans_is_one_line():
    assert text([], "3") == "LLM trace, cell [3] · no spans"


def test_a_sum_that_lacks_a_price_is_not_shown():
    spans = [span("a", type="LLM", cost_usd=0.1), span("b", type="LLM")]
    assert text(spans, "3").splitlines()[0] == "LLM trace, cell [3] · 2 LLM calls · cost n/a (1 unpriced) · 1.00 s"


def test_an_estimate_is_marked_wherever_it_stands_and_the_header_says_why():
    spans = [
        span("counted", type="LLM", tokens=Tokens(10, 2), cost_usd=0.5),
        span("streamed", start=1, type="LLM", estimated_tokens=Tokens(4, 3), estimated_cost_usd=0.25),
    ]
    assert text(spans, "3") == dedent(
        """\
        LLM trace, cell [3] · 2 LLM calls · ≈ 19 tokens · ≈ $0.75 · the server sent no token counts for 1 call · 2.00 s
        ├─ LLM counted · 12 tokens · $0.50 · 1.00 s
        └─ LLM streamed · ≈ 7 tokens · ≈ $0.25 · 1.00 s"""
    )


def test_lines_are_bounded_and_the_rest_is_counted():
    spans = [span(f"s{i:03}", None, i, status="error" if i == 400 else "ok") for i in range(500)]
    lines = text(spans, "3").splitlines()
    assert len(lines) == 202
    assert lines[-1] == "… 300 more spans, 1 of them failed"


def test_a_row_is_titled_by_the_model_and_says_what_happened():
    asked = {"messages": [{"role": "user", "content": "Where is my order?"}]}
    fields = {"type": "LLM", "model": "gpt-4o-mini", "inputs": asked, "tokens": Tokens(3, 1)}
    assert text([span("litellm-completion", **fields)], "3").splitlines()[1] == (
        "└─ LLM gpt-4o-mini Where is my order? · 4 tokens · 1.00 s"
    )


def test_a_long_loop_is_a_few_lines_with_every_failure():
    spans = [span("root", None, 0, 30), *(span("step", "root", i, span_id=f"s{i}", type="TOOL") for i in range(40))]
    spans[20].status, spans[20].message = "error", "no"
    assert text(spans, "3").splitlines()[2:] == [
        *["   ├─ TOOL step · 1.00 s"] * 3,
        "   ├─ TOOL step · 1.00 s ✗ Error: no",
        "   └─ … 36 more like these · 37.0 s",
    ]


def test_depth_is_drawn_so_far_then_written():
    spans = [span(str(i), str(i - 1) if i else None, i) for i in range(5_000)]
    lines = text(spans, "3").splitlines()
    assert lines[12] == " " * 33 + "└─ 11 · 1.00 s"
    assert lines[13] == " " * 36 + "12› 12 · 1.00 s"
    assert max(map(len, lines)) < 160


def test_errors_are_cut_to_the_line_and_secrets_left_out():
    key = "sk-" + "a1" * 20
    line = text([span("a", status="error", message=f"{key} " + "no " * 500)], "3").splitlines()[1]
    assert line.startswith("└─ a · 1.00 s ✗ Error: [redacted: API key] no no")
    assert line.endswith("…")
    assert 150 < len(line) <= 160


def test_the_given_redactor_is_used():
    spans = [span("call by a-long-secret", type="a-long-secret")]
    assert "[redacted: X_KEY] call by [redacted: X_KEY]" in text(spans, "3", Redactor({"X_KEY": "a-long-secret"}))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb\t c", "a b c"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;never ended", "\\x1b]0;never ended"),
        ("bell\x07 null\x00", "bell\\x07 null\\x00"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("see\U000e0041", "see\\U000e0041"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("lone\ud800", "lone\\ud800"),
        ("soft\u00adhyphen \u3164 \ufff9", "soft\\xadhyphen \\u3164 \\ufff9"),
        ("a\u200db 👩\u200d\u200c", "a\\u200db 👩\u200d\\u200c"),
        ("A\ufe0f👩\ufe01\U000e0101", "A\\ufe0f👩\ufe01\\U000e0101"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\U000e0041",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\\U000e0041",
        ),
        ("❤\ufe0f\u200d🔥 1\ufe0f\u20e3 می\u200cخواهم", "❤\ufe0f\u200d🔥 1\ufe0f\u20e3 می\u200cخواهم"),
        ("👩\u200d💻 naïve 日本", "👩\u200d💻 naïve 日本"),
    ],
)
def test_what_could_deceive_is_made_visible(name: str, shown: str):
    drawn = text([span(name)], "3")
    assert drawn.splitlines()[1] == f"└─ {shown} · 1.00 s"
    drawn.encode()


@pytest.mark.parametrize(
    ("duration_ns", "shown"),
    [
        (-5, "0 µs"),
        (812_000, "812 µs"),
        (999_499, "999 µs"),
        (999_500, "1.00 ms"),
        (4_210_000, "4.21 ms"),
        (45_678_000, "45.7 ms"),
        (812 * MS, "812 ms"),
        (999_600_000, "1.00 s"),
        (6_210 * MS, "6.21 s"),
        (59_990 * MS, "60.0 s"),
        (60 * S, "1 m 00 s"),
        (125 * S, "2 m 05 s"),
        (3_599_600 * MS, "1 h 00 m"),
        (3_720 * S, "1 h 02 m"),
    ],
)
def test_durations_have_three_digits(duration_ns: int, shown: str):
    assert format.duration(duration_ns) == shown


@pytest.mark.parametrize(
    ("cost_usd", "shown"),
    [
        (0.0, "$0"),
        (0.0042, "$0.0042"),
        (4.425e-6, "$0.000004425"),
        (0.12345, "$0.1235"),
        (0.5, "$0.50"),
        (1.2341, "$1.234"),
        (12.3, "$12.30"),
        (123.44, "$123.4"),
        (12_345.6, "$12,346"),
        (float("nan"), "n/a"),
    ],
)
def test_costs_have_four_digits(cost_usd: float, shown: str):
    assert format.cost(cost_usd) == shown
