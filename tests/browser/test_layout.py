"""How the details look where room is short, or long names take it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from view_page import opened

Shot = Callable[[Page, str], None]

NARROW_PX = 410
"""Leaves the view 310 px."""


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def test_in_a_narrow_view_all_tabs_are_in_sight_and_a_traceback_stands_apart(
    browser: Browser, view_url: str, shot: Shot
) -> None:
    with opened(browser, view_url, width_px=NARROW_PX) as shown:
        shown.show("agent")
        shown.row("search_hotels").click()
        shot(shown.page, "error")
        tabs = box(shown.page.get_by_role("tablist"))
        chosen = box(shown.page.get_by_role("tab", name="Error"))
        assert chosen["x"] + chosen["width"] <= tabs["x"] + tabs["width"]
        message = box(shown.page.get_by_text("503 Server Error: Service Unavailable", exact=False).first)
        stack = box(shown.page.get_by_text("Traceback (most recent call last)").locator(".."))
        assert stack["y"] >= message["y"] + message["height"] + 6


def test_details_stand_beside_the_tree_where_both_can_be_read_and_else_below(
    browser: Browser, view_url: str, shot: Shot
) -> None:
    with opened(browser, view_url) as shown:
        shown.show("traces")
        shown.row("search_hotels").first.click()
        for width_px, beside in ((1002, True), (998, False)):
            shown.page.set_viewport_size({"width": width_px, "height": 900})
            shot(shown.page, f"{width_px}")
            tree, details = box(shown.grid), box(shown.page.get_by_role("region", name="search_hotels"))
            assert (details["x"] >= tree["x"] + tree["width"]) is beside
            assert (details["y"] >= tree["y"] + tree["height"]) is not beside
            for name in ("plan_trip.run", "search_hotels", "completion"):
                shown_name = shown.grid.get_by_title(name, exact=True).first
                assert shown_name.evaluate("name => name.scrollWidth <= name.clientWidth"), "all of the name is seen"


def test_a_long_name_leaves_the_buttons_beside_it_on_one_line(browser: Browser, view_url: str, shot: Shot) -> None:
    with opened(browser, view_url, width_px=800) as shown:
        shown.show("bad")
        shown.row("long " * 2000).click()
        shot(shown.page, "long-name")
        first, *others = (
            box(shown.page.get_by_role("button", name=name)) for name in ("Copy as Python", "Copy as JSON", "Close details")
        )
        for other in others:
            assert abs(other["y"] - first["y"]) < first["height"] / 2


def test_a_cut_signature_says_the_whole_call_when_pointed_at(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url, width_px=NARROW_PX) as shown:
        shown.show("agent")
        shown.row("completion").nth(1).click()
        call = 'search_hotels({"city": "Lisbon", "nights": 2, "near": "Rossio"})'
        expect(shown.page.get_by_title(call, exact=True).and_(shown.page.get_by_text("↳"))).to_have_count(1)


def test_a_table_in_a_reply_breaks_no_words(browser: Browser, view_url: str, shot: Shot) -> None:
    with opened(browser, view_url, width_px=1600) as shown:
        shown.show("agent")
        shown.row("completion").nth(2).click()
        shot(shown.page, "table")
        head = shown.page.get_by_role("columnheader", name="Day", exact=True)
        assert box(head)["height"] < box(shown.page.get_by_role("tab", name="Chat"))["height"]


def test_what_is_not_loaded_takes_no_more_room_than_a_line(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("odd")
        shown.row("an image elsewhere").click()
        expect(shown.page.get_by_text("[image, not loaded]")).to_have_css("margin", "2px 0px")


def test_many_events_are_to_be_seen_on_their_time_line(browser: Browser, view_url: str, shot: Shot) -> None:
    with opened(browser, view_url) as shown:
        shown.show("bulky")
        shown.row("events").click()
        tick = shown.page.get_by_title("event 2999", exact=True)
        for colours in ("none", "active"):
            shown.page.emulate_media(forced_colors=colours)
            shot(shown.page, f"forced-colours-{colours}")
            ground = shown.page.get_by_role("region", name="events").evaluate("it => getComputedStyle(it).backgroundColor")
            expect(tick).not_to_have_css("border-left-color", ground)
            assert 2 <= box(tick)["width"] <= 3
