"""Searching with the keyboard: what is asked of the kernel and when, and where one gets to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect
from view_page import ViewPage, opened

BUSY = "a busy kernel answers when its cell has finished"


@pytest.fixture
def shown(browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url) as shown:
        yield shown


def requests(shown: ViewPage, name: str) -> int:
    """How many searches the view has asked its kernel for."""
    return shown.page.evaluate("name => places[name].model.sent.filter(({kind}) => kind === 'search').length", name)


def answer(shown: ViewPage, name: str, ids: list[str]) -> None:
    """The kernel answers the last search."""
    shown.page.evaluate(
        """([name, ids]) => {
            const { model } = places[name];
            const { number } = model.sent.at(-1);
            const v = model.get("snapshot").v;
            model.receive({ v, json: JSON.stringify({ v, kind: "search", number, ids }) });
        }""",
        [name, ids],
    )


def enter(shown: ViewPage, text: str) -> Locator:
    search = shown.page.get_by_role("searchbox")
    search.fill(text)
    search.press("Enter")
    return search


def test_while_an_answer_is_awaited_it_is_said_that_the_kernel_may_be_busy_with_any_cell(shown: ViewPage) -> None:
    shown.show("agent")
    enter(shown, "lisbon")
    expect(shown.view).to_contain_text(f"Searching messages; {BUSY}.")
    answer(shown, "agent", ["b1"])
    expect(shown.view).to_contain_text("1 span with it in messages, inputs or outputs")
    expect(shown.view).not_to_contain_text(BUSY)
    expect(shown.view).not_to_contain_text("columns only")


def test_what_words_that_are_not_to_be_there_are_looked_for_in_is_said(shown: ViewPage) -> None:
    shown.show("saved")
    enter(shown, "lisbon -nowhere")
    expect(shown.view).to_contain_text("in what is saved here; -words: in columns only")


def test_an_attribute_is_searched_in_a_saved_view(shown: ViewPage) -> None:
    shown.show("saved")
    enter(shown, "attr.gen_ai.system=open*")
    expect(shown.view).to_contain_text("3 spans with it")
    expect(shown.view).not_to_contain_text(BUSY)
    expect(shown.row("completion")).to_have_count(3)
    enter(shown, 'attr.llm.request.id="another"')
    expect(shown.view).to_contain_text("no match")


def test_messages_are_searched_again_when_more_has_come(shown: ViewPage) -> None:
    shown.show("large&count=100&running")
    search = enter(shown, "lisbon")
    search.press("Enter")
    assert requests(shown, "large") == 1  # it is at it
    ids = shown.page.evaluate("places.large.model.get('snapshot').json.match(/[0-9a-f]{16}/g).slice(2, 4)")
    answer(shown, "large", ids)
    expect(shown.view).to_contain_text("2 matches")
    search.press("Enter")
    expect(shown.view).to_contain_text("1 of 2")
    assert requests(shown, "large") == 1  # nothing has come since
    shown.page.evaluate(
        """() => {
            const { model } = places.large;
            const { v, seq, summary } = JSON.parse(model.get("snapshot").json);
            const at = { trace: [0], name: [0], type: [1], start_ns: [2e9], end_ns: [1], detail: [0] };
            const rows = { texts: ["later", "TOOL"], id: ["more"], ...at };
            model.receive({ v, json: JSON.stringify({ v, kind: "delta", seq: seq + 1, rows, summary }) });
        }"""
    )
    search.press("Enter")
    expect(shown.view).to_contain_text(BUSY)
    assert requests(shown, "large") == 2
    expect(shown.view).to_contain_text("2 of 2")  # what was found stands meanwhile
    answer(shown, "large", [*ids, "more"])
    expect(shown.view).to_contain_text("2 of 3")


def test_from_the_row_of_a_run_its_first_span_is_the_next(shown: ViewPage) -> None:
    shown.show("runs")
    shown.page.get_by_role("searchbox").fill("search_docs")
    shown.view.get_by_role("button", name="only matches").click()
    run = shown.row("search_docs").first
    run.focus()
    shown.press("ArrowDown", "Home", "ArrowDown", "ArrowDown")
    expect(run).to_be_focused()
    shown.press("n")
    expect(shown.view).to_contain_text("1 of 240")
    shown.press("ArrowUp")
    expect(run).to_be_focused()
    shown.page.get_by_role("searchbox").press("Enter")
    expect(shown.view).to_contain_text("1 of 240")
