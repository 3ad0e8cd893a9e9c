"""The static form: inert, legible anywhere, bounded."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.render.html import html
from ipy_llmtrace.trace.feedback import NAME, Feedback
from ipy_llmtrace.trace.span import Event, Span, Tokens

S = 1_000_000_000

TAGS = {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "div",
    "ul",
    "li",
    "b",
    "code",
    "pre",
    "time",
    "data",
}
# Each is on the list of JupyterLab's sanitizer.
STYLES = {"margin", "padding-left", "list-style", "opacity", "white-space", "overflow", "overflow-wrap", "max-height"}
LIST = '<ul style="margin:0;padding-left:1.2em;list-style:none">'
PRE = '<pre style="white-space:pre-wrap;overflow-wrap:break-word;margin:0 0 0 1.2em;max-height:24em;overflow:auto">'


def span(name: str, parent: str | None = None, start: int = 0, **fields: Any) -> Span:
    given: dict[str, Any] = {"trace_id": "tr-" + "0" * 32, "end_ns": (start + 1) * S, "status": "ok"}
    return Span(**{"span_id": name, "parent_id": parent, "name": name, "start_ns": start * S, **given, **fields})


def call(name: str, parent: str | None = None, start: int = 0, *, ask: str = "Why?", reply: str = "So.", **fields: Any) -> Span:
    return span(
        name,
        parent,
        start,
        type="LLM",
        model="gpt-4o-mini",
        tokens=Tokens(300, 101),
        cost_usd=0.0014,
        inputs={"messages": [{"role": "user", "content": ask}]},
        outputs={"choices": [{"message": {"role": "assistant", "content": reply}, "finish_reason": "stop"}]},
        **fields,
    )


class Reader(HTMLParser):
    """Checks that elements are balanced, and keeps what a page would show, and where."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.deepest = 0
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.deepest = max(self.deepest, len(self.open))
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append((self.open[-1] if self.open else "", data))

    def within(self, tag: str) -> list[str]:
        return [text for inside, text in self.text if inside == tag]


def test_feedback_stands_at_its_span_without_secrets_and_in_one_line():
    root, child = span("agent"), call("1" * 16, "agent")
    given = [
        Feedback(root.trace_id, None, NAME, True, "right,\nwith sk-abc123def456ghi789jkl012"),
        Feedback(root.trace_id, child.span_id, "relevance", 0.9, "<script>" + "x" * 400),
        Feedback(root.trace_id, child.span_id, NAME, False),
        *(Feedback(root.trace_id, child.span_id, NAME, number, by=str(number)) for number in range(9)),
        Feedback("tr-other", None, NAME, True, "elsewhere"),
    ]
    page = html([root, child], "3", feedback=given)
    agent, row = re.findall("<summary>(.*?)</summary>", page)[1:3]
    assert agent.endswith(" · 👍 <code>right, with [redacted: API key]</code>")
    said = row.split("1 s · ")[1] if "1 s · " in row else row.split("</time> · ")[1]
    assert said.startswith("<code>relevance</code> <code>0.9</code> <code>&lt;script&gt;xxx")
    assert said.count("x") == 291
    assert " · 👎 · <code>0</code> · " in said
    assert said.endswith(" · … 6 more")
    assert "elsewhere" not in page
    Reader(page)


def test_a_call_is_a_row_with_its_messages_folded_below_it():
    assert html([call("ask")], "7") == (
        '<details open><summary><b>LLM trace, cell [7]</b> · 1 LLM call · 401 tokens · <data>$0.0014</data> · '
        f'<time>1.00 s</time></summary>{LIST}<li><details><summary>LLM <code>ask</code> <code>“So.”</code> · '
        f"<code>gpt-4o-mini</code> · 401 tokens · <data>$0.0014</data> · <time>1.00 s</time></summary>{LIST}"
        f"<li><details><summary><code>user</code></summary>{PRE}Why?</pre></details></li>"
        f"<li><details><summary><code>assistant</code></summary>{PRE}So.</pre></details></li>"
        '</ul></details></li></ul><div style="opacity:.75">Trace <data>tr-00000000000000000000000000000000</data>'
        "</div></details>"
    )  # fmt: skip


def test_a_cell_with_one_call_costs_less_than_3_kilobytes():
    inputs = {"messages": [{"role": role, "content": "x" * 200} for role in ("system", "user")]}
    one = call("litellm-completion", reply="x" * 200)
    one.inputs = inputs
    assert len(html([one], "7").encode()) < 3_000


def test_rows_nest_as_spans_do_and_leaves_are_shut():
    page = html([span("root"), span("step", "root", 1), call("ask", "step", 2), span("bare", "root", 3)], "7")
    reader = Reader(page)
    assert reader.within("code")[:3] == ["root", "step", "ask"]
    assert page.count(" open>") == 3
    assert "<li><code>bare</code> · <time>1.00 s</time></li>" in page


def test_spans_whose_parents_never_came_stand_under_a_heading_behind_the_roots():
    page = html([span("late", "lost"), span("below", "late", 1), span("root", None, 2)], "7")
    shown = [text for inside, text in Reader(page).text if inside == "code" or text == "Unattached spans"]
    assert shown == ["root", "Unattached spans", "late", "below"]
    assert "Unattached" not in html([span("root"), span("below", "root", 1)], "7")


def test_failures_say_why_in_the_row_and_keep_their_stack():
    event = Event("exception", 0, {"exception.type": "E", "exception.message": "no <b>", "exception.stacktrace": "File x"})
    page = html([span("weather", type="TOOL", status="error", inputs={"city": "Bern"}, events=[event])], "7")
    assert "<b>✗ <code>E: no &lt;b&gt;</code></b>" in page
    assert Reader(page).within("pre") == ["File x", '{\n "city": "Bern"\n}']


def test_tool_calls_images_and_reasoning_are_told():
    ask = call("ask")
    ask.inputs = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "data:image/png;base64,AA"}]}]}
    function = {"name": "weather", "arguments": '{"city": "Bern"}'}
    message = {"role": "assistant", "reasoning_content": "Hm.", "tool_calls": [{"id": "c", "function": function}]}
    ask.outputs = {"choices": [{"message": message}]}
    reader = Reader(html([ask], "7"))
    assert reader.within("pre") == ["[image: data:image/png;base64]", '[reasoning] Hm.\nweather({"city": "Bern"})']
    assert "assistant → weather" in reader.within("code")


HOSTILE = [
    "<script>alert(1)</script>",
    "</pre></details><img src=x onerror=alert(1)>",
    "\"><svg onload='alert(1)'>",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt; &#x3c;",
    "<!-- --><style>*{}</style>",
    "]]><iframe src=//x>",
    "$\\unicode{x}$ and $$x$$ \\(x\\)",
    "\x1b[31m \u202e \x00 \ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_is_inert_wherever_it_stands(text: str):
    hostile = call(text, ask=text, reply=text, span_id="a")
    hostile.model = hostile.type = hostile.trace_id = text
    hostile.type = "LLM"
    other = span(text, "a", 1, span_id="b", trace_id=text, type=text, status="error", message=text, inputs={text: text})
    reader = Reader(html([hostile, other], text, notes=[text]))
    assert {tag for tag, _ in reader.found} <= TAGS
    for _, attributes in reader.found:
        assert attributes.keys() <= {"style", "open"}
        assert {part.split(":")[0] for part in (attributes.get("style") or "").split(";") if part} <= STYLES
        assert "url" not in (attributes.get("style") or "")


def test_dollar_signs_of_foreign_text_stand_where_mathjax_does_not_look():
    dollars = "$x$ from $1 to $2"
    page = html([call(dollars, ask=dollars, reply=dollars), span(dollars, status="error", message=dollars)], "7")
    assert all(inside in {"code", "pre", "data"} for inside, text in Reader(page).text if "$" in text)


def test_no_colour_is_set_so_that_light_and_dark_pages_show_it():
    assert not re.search(r"color|background", html([call("ask")], "7"))


def test_secrets_are_left_out_of_rows_bodies_and_notes():
    key = "sk-" + "a1" * 20
    failed = span("t", inputs={"password": "hunter2"}, status="error", message=key, type=key)
    spans = [call(key, ask=key, reply=key), failed]
    page = html(spans, "7", notes=[key])
    assert key[:12] not in page
    assert "hunter2" not in page
    assert key in html(spans, "7", Redactor.none())


def test_long_texts_are_cut_and_say_so():
    pres = Reader(html([call("ask", ask="word " * 10_000)], "7")).within("pre")
    assert pres[0].endswith("… [first 2,000 of 50,000 characters]")
    assert len(pres[0]) < 2_100


def test_many_strings_in_one_part_are_cut_together():
    pres = Reader(html([span("t", inputs=["word " * 300] * 20)], "7")).within("pre")
    assert pres[0].endswith("… [first 4,000 of 30,102 characters]")


def test_what_is_no_message_is_shown_as_json():
    odd = call("ask")
    odd.outputs = {"answer": [1, 2]}
    assert '{\n "answer": [\n  1,\n  2\n ]\n}' in Reader(html([odd], "7")).within("pre")


def test_of_a_long_conversation_the_first_and_the_last_messages_are_kept():
    long = call("ask")
    long.inputs = {"messages": [{"role": "user", "content": f"message {i} " + "x" * 500} for i in range(300)]}
    page = html([long], "7")
    pres = Reader(page).within("pre")
    assert pres[0].startswith("message 0 ")
    assert pres[-2].startswith("message 299 ")
    assert f"… {301 - len(pres)} parts left out" in page


def test_details_go_first_then_deep_rows_and_the_page_says_what_is_missing():
    spans = [span("root", type="AGENT", inputs="x" * 1_500)]
    spans += [call(f"c{i}", "root", i + 1, ask="y" * 300) for i in range(20)]
    spans += [span("broken", "c3", 30, status="error", message="no", inputs="z" * 300)]

    whole = html(spans, "7", max_bytes=100_000)
    assert "Left out" not in whole

    without_details = html(spans, "7", max_bytes=12_000)
    assert re.search(r"Left out for size: the details of \d+ spans\.", without_details)
    assert "zzz" in without_details
    assert "x" * 200 not in without_details

    without_rows = html(spans, "7", max_bytes=3_000)
    assert "<code>root</code>" in without_rows
    assert re.search(r"Left out for size: the details of \d+ spans and \d+ spans \(1 of them failed\)\.", without_rows)


def test_the_bound_is_kept_and_elements_stay_balanced_whatever_the_tree():
    rng = random.Random(0)
    for _ in range(60):
        number = rng.randint(1, 120)
        spans = [
            call(
                f"ü{i}",
                rng.choice([None, f"ü{max(i - 1, 0)}", f"ü{rng.randrange(number)}"]),
                i,
                ask="ü<&" * rng.randint(0, 900),
            )
            for i in range(number)
        ]
        max_bytes = rng.choice([2_000, 5_000, 20_000, 100_000])
        page = html(spans, "7", max_bytes=max_bytes, notes=["Traces go to SQLite."])
        Reader(page)
        assert len(page.encode()) <= max_bytes


def loop(number: int, **fields: Any) -> list[Span]:
    """The calls of a loop."""
    return [call("litellm-completion", "root", i, ask=f"Question {i}", span_id=f"s{i}", **fields) for i in range(number)]


def test_a_row_is_titled_by_the_model_and_says_what_happened():
    page = html([call("litellm-completion", reply="In transit.")], "7")
    assert "LLM <code>gpt-4o-mini</code> <code>“In transit.”</code> · 401 tokens" in page


def test_the_calls_of_a_long_loop_are_one_table():
    spans = [span("root"), *loop(200)]
    spans[150].status, spans[150].message = "error", "it broke"
    page = html(spans, "7")
    reader = Reader(page)
    assert len(page.encode()) < 20_000
    assert "LLM <code>gpt-4o-mini</code> × 200 · 80,200 tokens · <data>$0.28</data> · <time>" in page
    assert "Question 0" in reader.within("code")
    assert "Question 149" in reader.within("code")
    assert "Error: it broke" in reader.within("code")
    shown = page.count("<tr>") - 1
    assert 50 < shown < 200
    assert f"… {200 - shown} more spans" in page
    assert "Left out" not in page


def test_estimates_are_marked_in_rows_and_tables():
    estimate = {"tokens": None, "cost_usd": None, "estimated_tokens": Tokens(4, 3), "estimated_cost_usd": 0.25}
    calls = [replace(each, **estimate) for each in loop(200)]
    one, many = html(calls[:1], "3"), html(calls, "3")
    assert one.count("≈ 7 tokens") == one.count("<data>≈ $0.25</data>") == 2
    assert "<td>≈ 7</td><td><data>≈ $0.25</data></td>" in many
    assert "× 200 · ≈ 1,400 tokens · <data>≈ $50.00</data> · the server sent no token counts for 200 calls" in many


def test_a_short_loop_keeps_its_messages():
    page = html([span("root"), *loop(19)], "7")
    assert "<table>" not in page
    assert page.count(f"{PRE}Question ") == 19


def test_spans_with_children_are_no_loop():
    spans = [span("root"), *loop(30)]
    spans += [span("below", f"s{i}") for i in range(30)]
    assert "<table>" not in html(spans, "7")


def test_deep_trees_end_nesting_and_write_the_depth():
    page = html([span(str(i), str(i - 1), i) for i in range(5_000)], "7", max_bytes=2_000_000)
    assert Reader(page).deepest < 70
    assert page.count("<time>") == 5_001
    assert "4999› <code>4999</code>" in page


def test_many_traces_are_counted():
    spans = [span(str(i), None, i, trace_id=f"tr-{i}") for i in range(5)]
    assert "Trace <data>tr-0</data>, <data>tr-1</data>, <data>tr-2</data>, … (5)" in html(spans, "7")


def test_a_cell_without_spans_has_a_header_and_its_notes():
    page = html([], "7", notes=["Tracing is on."])
    assert [text for _, text in Reader(page).text] == ["LLM trace, cell [7]", " · no spans", "Tracing is on."]
