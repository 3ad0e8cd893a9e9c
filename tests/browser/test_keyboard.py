"""The keyboard in the view, and what the view leaves alone of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from driver import Notebook
from playwright.sync_api import Browser, Locator, Page, expect
from view_page import opened

Shot = Callable[[Page, str], None]

TREE = """\
with mlflow.start_span("root"):
    with mlflow.start_span("first"):
        with mlflow.start_span("inner"): pass
    with mlflow.start_span("second"): pass"""

MANY = """\
with mlflow.start_span("held"):
    gate("held")
    for number in range(20):
        with mlflow.start_span("short"): pass"""


@pytest.fixture
def traced(notebook: Notebook) -> Notebook:
    """A cell with a tree of four spans between two plain ones, and the focus before its first row."""
    notebook.write("'above'", TREE, "'below'")
    notebook.run(1)
    expect(notebook.rows(1)).to_have_count(4)
    return notebook


def tab_into_grid(notebook: Notebook) -> None:
    """With the Tab key, as one who has no mouse would."""
    row = notebook.grid(1).get_by_role("row").and_(notebook.page.locator("[tabindex='0']"))
    for _ in range(40):
        if row.evaluate("row => row === document.activeElement"):
            return
        notebook.page.keyboard.press("Tab")
    raise AssertionError("Tab does not reach the grid")


def press(notebook: Notebook, key: str, then: Locator) -> None:
    notebook.page.keyboard.press(key)
    expect(then).to_be_focused()


def test_tab_reaches_the_grid_and_arrows_walk_open_and_close_it(traced: Notebook, shot: Shot) -> None:
    root, first, inner, second = (traced.row(1, name) for name in ("root", "first", "inner", "second"))
    tab_into_grid(traced)
    expect(root).to_be_focused()
    press(traced, "ArrowDown", first)
    shot(traced.page, "focus")
    traced.page.keyboard.press("ArrowLeft")
    expect(first).to_have_attribute("aria-expanded", "false")
    expect(inner).to_have_count(0)
    press(traced, "ArrowDown", second)
    press(traced, "ArrowUp", first)
    traced.page.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("aria-expanded", "true")
    press(traced, "ArrowRight", inner)
    press(traced, "ArrowLeft", first)
    press(traced, "End", second)
    press(traced, "Home", root)


def test_enter_shows_the_details_and_escape_closes_them(traced: Notebook, shot: Shot) -> None:
    tab_into_grid(traced)
    traced.page.keyboard.press("ArrowDown")
    traced.page.keyboard.press("Enter")
    expect(traced.details(1, "first")).to_be_visible()
    expect(traced.row(1, "first")).to_have_attribute("aria-selected", "true")
    expect(traced.row(1, "first")).to_be_focused()
    shot(traced.page, "details")
    traced.page.keyboard.press("Escape")
    expect(traced.details(1, "first")).to_have_count(0)
    expect(traced.row(1, "first")).to_be_focused()


def test_escape_in_the_details_goes_back_to_the_row(notebook: Notebook) -> None:
    notebook.write("", "litellm.completion(MODEL, ask('hello'))")
    notebook.run(1)
    tab_into_grid(notebook)
    notebook.page.keyboard.press("Enter")
    chat = notebook.details(1, "litellm-completion").get_by_role("tab", name="Chat")
    press(notebook, "F6", chat)
    notebook.page.keyboard.press("ArrowRight")
    expect(notebook.view(1).get_by_role("tab", name="Inputs / Outputs")).to_be_focused()
    notebook.page.keyboard.press("Escape")
    expect(notebook.details(1, "litellm-completion")).to_have_count(0)
    expect(notebook.row(1, "litellm-completion")).to_be_focused()


def test_letters_can_be_switched_off_for_all_views_to_come(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        switch = shown.view.get_by_role("button", name="letters and signs")

        def presses(off: bool) -> None:
            shown.show("runs")
            shown.focus_first_row()
            shown.press("r", "ArrowDown")
            expect(shown.grid.get_by_role("row", level=2).first).to_be_focused()
            sorted_by = shown.grid.get_by_role("columnheader", name="Duration")
            expect(sorted_by).to_have_attribute("aria-sort", "none" if off else "descending")
            shown.view.get_by_role("button", name="Keys", exact=True).click()
            expect(switch).to_have_attribute("aria-pressed", str(not off).lower())
            switch.click()

        presses(off=False)
        presses(off=True)
        presses(off=False)


@pytest.mark.parametrize("name", ["agent", "large", "runs"])
def test_a_row_keeps_the_focus_when_it_moves_or_goes(browser: Browser, view_url: str, name: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show(name)
        active = shown.grid.get_by_role("row").and_(shown.page.locator("[tabindex='0']"))
        shown.focus_first_row()
        for key in ("Control+End", "r", "r", "[", "]", "Control+Home", "End", "*", "["):
            shown.press(key)
            expect(active).to_be_focused()


def test_closing_all_leaves_the_focus_where_the_row_has_gone(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("agent")
        shown.row("distance").first.click()
        shown.press("Escape", "[", "ArrowRight")
        expect(shown.row("plan_trip.run")).to_be_focused()
        expect(shown.row("rank")).to_be_visible()


def test_escape_leaves_the_search_for_the_row(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("gaps")  # which is too small for a search box of its own
        shown.focus_first_row()
        shown.press("/")
        search = shown.page.get_by_role("searchbox")
        expect(search).to_be_focused()
        search.fill("nowhere to be found")
        expect(shown.view).to_contain_text("No span matches. Esc in the search clears it.")
        shown.press("Escape")
        expect(shown.row("poll")).to_be_focused()
        expect(search).to_have_count(0)


def test_the_keys_of_jupyter_do_nothing_from_inside(traced: Notebook) -> None:
    tab_into_grid(traced)
    for key in (
        "d",
        "d",
        "x",
        "a",
        "b",
        "m",
        "z",
        "Shift+z",
        "Shift+m",
        "c",
        "v",
        "0",
        "o",
        "y",
        "r",
        "i",
        "i",
        "1",
        "Shift+l",
    ):
        traced.page.keyboard.press(key)
    expect(traced.row(1, "root")).to_be_focused()
    expect(traced.page.locator(".jp-Notebook .jp-Cell")).to_have_count(3)
    expect(traced.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(3)
    expect(traced.rows(1)).to_have_count(4)
    assert [traced.editor(index).inner_text() for index in (0, 2)] == ["'above'", "'below'"]


def test_shift_enter_is_left_to_jupyter(traced: Notebook) -> None:
    tab_into_grid(traced)
    traced.page.keyboard.press("Shift+Enter")
    expect(traced.details(1, "root")).to_have_count(0)
    traced.page.keyboard.press("Enter")
    expect(traced.details(1, "root")).to_be_visible()


def test_the_question_mark_lists_the_keys_and_escape_closes_the_list(traced: Notebook, shot: Shot) -> None:
    tab_into_grid(traced)
    traced.page.keyboard.press("?")
    keys = traced.cell(1).get_by_role("region", name="Keys")
    expect(keys).to_contain_text("mark the critical path")
    expect(keys.get_by_role("button", name="Close the list of keys")).to_be_focused()
    shot(traced.page, "keys")
    traced.page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    expect(traced.row(1, "root")).to_be_focused()


def test_a_screen_reader_hears_how_the_cell_ended_and_little_else(notebook: Notebook) -> None:
    notebook.write(MANY)
    notebook.start(0)
    expect(notebook.row(0, "held")).to_have_attribute("aria-busy", "true")
    live = notebook.view(0).locator("[aria-live=polite]")
    live.evaluate("""live => {
        window.heard = [];
        new MutationObserver(() => window.heard.push(live.textContent)).observe(
            live, {childList: true, characterData: true, subtree: true});
    }""")
    notebook.lab.open_gate("held")
    expect(live).to_have_text(re.compile(r"LLM trace done: 21 spans, 0 LLM calls, .*"))
    heard = notebook.page.evaluate("window.heard")
    assert heard[-1].startswith("LLM trace done: 21 spans")
    assert len([text for text in heard if text and not text.startswith("LLM trace running")]) == 1


def test_the_focus_stays_in_the_editor_while_a_trace_appears_and_ends(notebook: Notebook) -> None:
    notebook.write("with mlflow.start_span('held'):\n    gate('held')\nprint('ended')", "")
    notebook.start(0)
    notebook.editor(1).click()
    notebook.page.keyboard.type("before ")
    expect(notebook.row(0, "held")).to_have_attribute("aria-busy", "true")
    expect(notebook.editor(1)).to_be_focused()
    notebook.page.keyboard.type("while it ran ")
    notebook.lab.open_gate("held")
    expect(notebook.row(0, "held")).to_have_attribute("data-status", "ok")
    notebook.finished(0)
    notebook.page.keyboard.type("and after")
    expect(notebook.editor(1)).to_be_focused()
    expect(notebook.editor(1)).to_have_text("before while it ran and after")


def test_the_focus_stays_in_the_grid_when_its_cell_ends(notebook: Notebook) -> None:
    notebook.write("", "with mlflow.start_span('root'):\n    with mlflow.start_span('held'): gate('held')\nprint('ended')")
    notebook.start(1)
    expect(notebook.row(1, "held")).to_have_attribute("aria-busy", "true")
    tab_into_grid(notebook)
    press(notebook, "ArrowDown", notebook.row(1, "held"))
    notebook.lab.open_gate("held")
    expect(notebook.row(1, "held")).to_have_attribute("data-status", "ok")
    notebook.finished(1)
    expect(notebook.row(1, "held")).to_be_focused()
    press(notebook, "ArrowUp", notebook.row(1, "root"))
