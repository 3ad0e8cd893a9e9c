"""Details that hold much are in the page in pieces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from view_page import ViewPage, opened

Shot = Callable[[Page, str], None]

MOST_ELEMENTS = 600


@pytest.fixture
def shown(browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url, width_px=1600) as page:
        page.show("bulky")
        yield page


def left(panel: Locator) -> int:
    """How many are not shown, as the last button for more of them says."""
    said = re.match(r"100 more of ([\d,]+)", panel.get_by_role("button", name="100 more of").last.inner_text())
    assert said
    return int(said[1].replace(",", ""))


@pytest.mark.parametrize(
    ("name", "tab", "count"),
    [
        ("events", "Events", 3000),
        ("running", "Events", 150_000),
        ("attributes", "Attributes", 3000),
        ("messages", "Chat", 2000),
        ("calls", "Chat", 1000),
        ("documents", "Documents", 500),
        ("values", "Inputs / Outputs", 3000),
    ],
)
def test_of_much_a_piece_is_shown_and_more_when_asked_for(shown: ViewPage, name: str, tab: str, count: int) -> None:
    shown.row(name).click()
    panel = shown.page.get_by_role("tabpanel", name=tab)
    before = left(panel)
    assert count - 50 <= before < count
    assert panel.locator("*").count() < MOST_ELEMENTS
    panel.get_by_role("button", name="100 more of").last.click()
    expect(panel.get_by_role("button", name=f"100 more of {before - 100:,}")).to_have_count(1)


def test_piece_by_piece_all_is_shown(shown: ViewPage) -> None:
    shown.row("documents").click()
    panel = shown.page.get_by_role("tabpanel", name="Documents")
    for _ in range(4):
        panel.get_by_role("button", name="100 more of").click()
    expect(panel.get_by_text("499.md", exact=True)).to_have_count(0)
    panel.get_by_role("button", name="50 more", exact=True).click()
    expect(panel.get_by_text("499.md", exact=True)).to_have_count(1)
    expect(panel.get_by_role("button", name=re.compile(r"\d more"))).to_have_count(0)


def test_of_a_long_text_is_drawn_what_can_be_seen_until_it_is_opened(shown: ViewPage) -> None:
    shown.row("tables").click()
    panel = shown.page.get_by_role("tabpanel", name="Chat")
    before = panel.get_by_role("row").count()
    assert before < 300
    panel.get_by_role("button", name="show all, 503 lines").first.click()
    expect(panel.get_by_role("button", name="show less")).to_have_count(1)
    assert panel.get_by_role("row").count() > before + 400


def test_of_a_long_conversation_the_newest_messages_are_shown(shown: ViewPage, shot: Shot) -> None:
    shown.row("messages").click()
    panel = shown.page.get_by_role("tabpanel", name="Chat")
    expect(panel.get_by_text("message 1999", exact=True)).to_have_count(1)
    expect(panel.get_by_text("message 1900", exact=True)).to_have_count(0)
    panel.get_by_role("button", name="earlier messages").click()
    expect(panel.get_by_text("message 1900", exact=True)).to_have_count(1)
    shown.row("messages again").click()
    expect(panel.get_by_text("message 1998", exact=True)).to_have_count(0)  # it was in the call before
    panel.get_by_role("button", name="1,999 earlier messages, same as in LLM call 1, messages").click()
    expect(panel.get_by_text("message 1998", exact=True)).to_have_count(1)
    expect(panel.get_by_text("message 1900", exact=True)).to_have_count(0)
    shot(shown.page, "earlier")
