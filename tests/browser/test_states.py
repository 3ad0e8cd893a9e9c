"""What axe-core finds in the view in each of its states, in light, dark and high contrast: nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe import violations
from playwright.sync_api import Browser, expect
from view_page import ViewPage, opened

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"theme": "light"},
    "dark": {"theme": "dark"},
    "high contrast": {"theme": "dark", "forced_colors": "active", "color_scheme": "dark"},
}

PLAIN = ["waiting", "started", "empty", "newer", "damaged", "single", "failure", "saved", "unfinished", "still"]


def searching(shown: ViewPage) -> None:
    shown.show("large")
    shown.page.get_by_role("searchbox").fill("retriever >2x -embed")
    expect(shown.view).to_contain_text("not understood: >2x")


def no_match(shown: ViewPage) -> None:
    shown.show("agent")
    shown.page.get_by_role("searchbox").fill("nothing has this in it")
    expect(shown.view).to_contain_text("no match")


def key_list(shown: ViewPage) -> None:
    shown.show("agent")
    shown.focus_first_row()
    shown.press("?")
    expect(shown.page.get_by_role("region", name="Keys")).to_be_visible()


def run_open(shown: ViewPage) -> None:
    shown.show("runs")
    shown.row("search_docs").click()
    expect(shown.row("search_docs").first).to_have_attribute("aria-expanded", "true")


def zoomed(shown: ViewPage) -> None:
    shown.show("agent")
    shown.focus_first_row()
    shown.press("End", "z", "c")
    expect(shown.view.get_by_role("button", name="all", exact=True)).to_be_visible()


@pytest.fixture(params=[look if look == "light" else pytest.param(look, marks=pytest.mark.slow) for look in LOOKS])
def look(request: pytest.FixtureRequest, browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url, **LOOKS[request.param]) as shown:
        yield shown


def assert_clean(found: dict[str, object]) -> None:
    found = {where: what for where, what in found.items() if what}
    assert not found, json.dumps(found, indent=1)


def test_axe_finds_nothing_in_any_state(look: ViewPage) -> None:
    look.show(*PLAIN)
    found: dict[str, object] = {"plain": violations(look.page.get_by_role("main"))}
    for state in (searching, no_match, key_list, run_open, zoomed):
        state(look)
        found[state.__name__] = violations(look.view)
    assert_clean(found)


def test_axe_finds_nothing_in_the_details_in_high_contrast(browser: Browser, view_url: str) -> None:
    found: dict[str, object] = {}
    with opened(browser, view_url, **LOOKS["high contrast"]) as shown:
        shown.show("agent")
        for span in ("plan_trip.run", "search_hotels", "completion"):
            shown.row(span).first.click()
            for tab in shown.view.get_by_role("tab").all():
                tab.click()
                expect(tab).to_have_attribute("aria-selected", "true")
                found[f"{span} {tab.inner_text()}"] = violations(shown.view)
    assert_clean(found)


@pytest.mark.parametrize("name", ["light", "high contrast"])
def test_a_match_is_told_by_more_than_its_colour(browser: Browser, view_url: str, name: str) -> None:
    with opened(browser, view_url, **LOOKS[name]) as shown:
        shown.show("agent")
        shown.page.get_by_role("searchbox").fill("completion")
        shown.view.get_by_role("button", name="only matches").click()
        match, other = (shown.row(span).first.get_by_title(span) for span in ("completion", "search_flights"))
        expect(match).to_have_css("text-decoration-line", "underline")
        expect(other).to_have_css("text-decoration-line", "none")
        grounds = [text.evaluate("text => getComputedStyle(text).backgroundColor") for text in (match, other)]
        assert grounds[0] != grounds[1]
