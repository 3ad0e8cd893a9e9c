"""Keys that a view takes from its host and those it leaves; what a key has come to is seen, heard, and gives way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from view_page import ViewPage, opened


@pytest.fixture
def shown(browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url, permissions=["clipboard-read", "clipboard-write"]) as page:
        yield page


def test_what_a_key_has_come_to_gives_way_to_how_the_trace_is(shown: ViewPage) -> None:
    shown.show("live")
    live = shown.view.locator("[aria-live=polite]")
    expect(shown.row("plan_trip.run")).to_be_visible()
    shown.focus_first_row()
    shown.press("y")
    expect(live).to_have_text("Span id copied")
    expect(live).to_have_text(re.compile("LLM trace done: 10 spans"))


def test_what_a_key_has_come_to_is_seen_for_some_seconds_and_moves_nothing(shown: ViewPage) -> None:
    shown.page.clock.install()
    shown.show("agent")
    live = shown.view.locator("[aria-live=polite]")
    before = shown.view.bounding_box()
    shown.focus_first_row()
    shown.press("j")
    expect(live).to_have_text("JSON copied")
    expect(live).to_have_css("clip-path", "none")
    assert shown.view.bounding_box() == before
    shown.page.clock.fast_forward(10_000)
    expect(live).not_to_have_css("clip-path", "none")
    expect(live).to_have_text("JSON copied")


def test_no_letter_or_sign_reaches_the_host_from_inside(shown: ViewPage) -> None:
    shown.show("agent")
    shown.page.evaluate("""() => {
        window.heard = [];
        window.addEventListener('keydown', ({key, defaultPrevented}) => window.heard.push([key, defaultPrevented]));
    }""")
    shown.focus_first_row()
    shown.press(*"abhikmqtvwxAZ19.,", "Control+b", "Alt+b", "Meta+b", "F2")
    shown.view.get_by_role("button", name="Keys", exact=True).focus()
    shown.press("a", "Shift+Enter")
    search = shown.page.get_by_role("searchbox")
    search.press_sequentially("ab 1")
    expect(search).to_have_value("ab 1")
    heard = [key for key, _ in shown.page.evaluate("window.heard") if key not in ("Control", "Alt", "Meta", "Shift")]
    assert heard == ["b", "b", "b", "F2", "Enter"]


@pytest.mark.parametrize(
    ("keys", "opens"),
    [
        ({"altKey": True}, True),
        ({"altKey": True, "ctrlKey": True, "modifierAltGraph": True}, True),
        ({"altKey": True, "ctrlKey": True}, False),
        ({"ctrlKey": True}, False),
        ({"metaKey": True}, False),
    ],
    ids=["Option", "AltGr", "Ctrl and Alt", "Ctrl", "Meta"],
)
def test_signs_work_with_the_key_that_the_keyboard_wants_for_them(shown: ViewPage, keys: dict[str, bool], opens: bool) -> None:
    shown.show("agent")
    shown.focus_first_row()
    root = shown.row("plan_trip.run").first
    for key, expanded in (("[", "false" if opens else "true"), ("]", "true")):
        taken = root.evaluate(
            """(row, keys) => !row.dispatchEvent(
                new KeyboardEvent('keydown', {...keys, bubbles: true, cancelable: true}))""",
            {"key": key, **keys},
        )
        assert taken == opens
        expect(root).to_have_attribute("aria-expanded", expanded)


def test_what_keys_do_is_heard_where_nothing_else_tells_it(shown: ViewPage) -> None:
    shown.show("gaps")
    live = shown.view.locator("[aria-live=polite]")
    shown.focus_first_row()
    for key, heard in {
        "c": "Critical path on",
        "g": "Squeezing on",
        "z": "Zoomed",
        "0": "All the time",
        "e": "No error",
        "n": "No match",
        "l": "No LLM call",
        "r": "Sorted by duration",
    }.items():
        shown.press(key)
        expect(live).to_have_text(heard)
    shown.press("c")
    expect(live).to_have_text("Critical path off")
    shown.press("ArrowDown", "+")
    expect(live).to_have_css("clip-path", "inset(50%)")


def test_pause_is_heard_and_so_is_what_a_search_does_not_understand(shown: ViewPage) -> None:
    shown.show("still")
    live = shown.view.locator("[aria-live=polite]")
    shown.focus_first_row()
    for heard in ("Paused", "Resumed"):
        shown.press("p")
        expect(live).to_have_text(heard)
    told = shown.view.get_by_role("search").get_by_role("status")
    expect(told).to_have_text("")
    search = shown.page.get_by_role("searchbox")
    search.fill("cost>much")
    expect(told).to_have_text("not understood: cost>much")
    search.fill("Lisbon")
    expect(told).to_contain_text("search messages, too")
    search.press("Enter")
    expect(told).to_contain_text("Searching messages")


def test_what_is_switched_by_a_key_is_switched_in_the_list_of_keys_too(shown: ViewPage) -> None:
    shown.show("gaps")
    shown.view.get_by_role("button", name="Keys", exact=True).click()
    for name, marks in {"critical path": ".lt-critical", "squeeze idle time": ".lt-gap"}.items():
        switch = shown.view.get_by_role("button", name=name)
        for pressed in (True, False):
            switch.click()
            expect(switch).to_have_attribute("aria-pressed", str(pressed).lower())
            assert (shown.view.locator(marks).count() > 0) == pressed
    keys = shown.view.get_by_role("region", name="Keys")
    for key in ("Shift+Enter", "Shift+F6", "PgDn"):
        expect(keys.get_by_text(key, exact=True).first).to_be_visible()
