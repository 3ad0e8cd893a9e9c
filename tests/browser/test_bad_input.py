"""What breaks the rules that everyone relies on: nothing throws, and nothing is lost without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from driver import Notebook
from playwright.sync_api import Browser, Page, expect
from view_page import ViewPage, opened

Shot = Callable[[Page, str], None]

ODD_LABELS = 16
"""How many conversations ``oddSpans`` of js/dev/bad.ts has."""


@pytest.fixture
def shown(browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url) as page:
        yield page


def test_every_span_has_a_row_whatever_is_wrong_with_it(shown: ViewPage, shot: Shot) -> None:
    shown.show("bad")
    shown.focus_first_row()
    shown.press("]")
    expect(shown.grid).to_have_attribute("aria-rowcount", str(1 + 1 + 15 + 1000))
    shot(shown.page, "bad")
    expect(shown.grid).to_contain_text("(no name)")
    for name, says in {
        "ends before it begins": "ends before it begins",
        "begins before its parent": "begins before its parent",
        "orphan": "its parent is missing",
    }.items():
        shown.page.get_by_role("searchbox").fill(f'"{name}"')
        expect(shown.row(name)).to_contain_text(f"⚠ {says}")
    shown.page.get_by_role("searchbox").fill('"circle" -nothing')
    expect(shown.row("first of a circle")).to_be_visible()
    expect(shown.row("second of a circle")).to_be_visible()
    shown.page.get_by_role("searchbox").fill('"level 1000"')
    shown.page.get_by_role("button", name="Next match").click()
    expect(shown.row("level 1000")).to_be_visible()
    expect(shown.view).to_contain_text("1 of 1")


def test_the_details_of_spans_with_something_wrong_can_be_read(shown: ViewPage) -> None:
    shown.show("bad")
    for row in shown.grid.get_by_role("row").and_(shown.page.locator("[data-span-id]")).all()[:16]:
        row.click()
        for tab in shown.view.get_by_role("tab").all():
            tab.click()
            expect(tab).to_have_attribute("aria-selected", "true")
    shown.row("of an unknown type").click()
    shown.view.get_by_role("tab", name="Inputs / Outputs").click()
    shown.view.get_by_role("button", name="Show as text").click()
    shown.view.get_by_role("button", name="show all").click()
    expect(shown.view.get_by_role("tabpanel")).to_contain_text("the innermost")  # 1,000 levels down


def test_an_error_in_no_known_form_is_shown_as_it_is(shown: ViewPage) -> None:
    shown.show("bad")
    shown.row("takes no time").click()
    expect(shown.view.get_by_role("tabpanel", name="Error")).to_contain_text("KEPT, though it is only text")
    expect(shown.view).not_to_contain_text("No message was recorded")


def test_a_conversation_in_no_known_form_is_shown_as_it_is(shown: ViewPage, shot: Shot) -> None:
    shown.show("odd")
    rows = shown.grid.get_by_role("row").and_(shown.page.locator("[data-span-id]"))
    expect(rows).to_have_count(ODD_LABELS)
    rows.first.click()
    shown.view.get_by_role("button", name="Show as written").click()
    for row in rows.all():
        row.click()
        expect(shown.view.get_by_role("tab", name="Chat")).to_have_attribute("aria-selected", "true")
        expect(shown.view.get_by_role("tabpanel"), row.inner_text()).to_contain_text("KEPT")
    shot(shown.page, "odd")


def test_text_that_is_not_seen_or_would_turn_round_what_follows_is_marked_and_turns_nothing(
    shown: ViewPage, shot: Shot
) -> None:
    shown.show("odd")
    shown.row("turned round").click()
    panel = shown.view.get_by_role("tabpanel")
    expect(panel).to_contain_text("KEPT ‹U+202e›moc.knab and edoc Hello‹U+e0048›‹U+e0069›")
    expect(panel).to_contain_text("eman‹U+2067›")
    expect(panel.get_by_role("link", name="moc.knab", exact=True)).to_have_css("unicode-bidi", "isolate")
    expect(panel.get_by_text("edoc", exact=True)).to_have_css("unicode-bidi", "isolate")
    shot(shown.page, "turned")


def test_a_trace_in_a_newer_form_says_what_to_do_and_leaves_the_others_alone(shown: ViewPage) -> None:
    shown.show("newer", "agent", "damaged")
    expect(shown.views.nth(0)).to_contain_text("newer form (version 999)")
    expect(shown.views.nth(0)).to_contain_text("update ipy_llmtrace")
    expect(shown.views.nth(1).get_by_role("treegrid")).to_be_visible()
    expect(shown.views.nth(2)).to_contain_text("what the notebook keeps of it is damaged")


KERNEL = """\
@mlflow.trace(name="n" * 10_000, span_type="QUANTUM <LEAP>", attributes={"nan": float("nan"), "inf": float("inf")})
def strange(value):
    return {"bytes": b"\\x00\\xff", "itself": type, "nothing": None}


@mlflow.trace(name="messages", span_type="LLM")
def messages(messages):
    return {"choices": "KEPT"}


def deep(level):
    with mlflow.start_span(f"level {level}"):
        if level < 300: deep(level + 1)


strange("x" * 10_000_000)
messages("KEPT")
messages([1, None, {"role": 5, "content": {"KEPT": [[]]}}])
deep(1)
print("said")"""


def test_what_a_kernel_can_send_wrong_arrives(notebook: Notebook, shot: Shot) -> None:
    notebook.write(KERNEL)
    notebook.run(0)
    expect(notebook.output(0)).to_contain_text("said")
    notebook.rows(0).first.click()
    panel = notebook.view(0).get_by_role("tabpanel")
    expect(panel).to_contain_text("of 10,000,000 characters")
    notebook.view(0).get_by_role("tab", name="Attributes").click()
    expect(panel).to_contain_text("NaN")
    for row in notebook.row(0, "messages").all():
        row.click()
        notebook.view(0).get_by_role("tab", name="Inputs / Outputs").click()
        expect(panel).to_contain_text("KEPT")
        row.focus()
        shot(notebook.page, "messages")
    notebook.page.keyboard.press("]")
    expect(notebook.grid(0)).to_have_attribute("aria-rowcount", "304")
