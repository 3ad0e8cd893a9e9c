"""Text at twice its size, as the host's setting or the browser's zoom has it: all of it can be read and reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from test_hosts import sticking_out
from view_page import ViewPage, opened

Shot = Callable[[Page, str], None]


def set_text_size(shown: ViewPage, size_px: int) -> None:
    """As JupyterLab's setting of the interface's font size does."""
    shown.page.evaluate("size => document.body.style.setProperty('--jp-ui-font-size1', size)", f"{size_px}px")


@pytest.fixture
def shown(browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url) as page:
        yield page


def height_of(shown: ViewPage, name: str) -> float:
    box = shown.row(name).first.bounding_box()
    assert box is not None
    return box["height"]


def test_all_of_the_view_grows_with_the_text_of_the_host(shown: ViewPage, shot: Shot) -> None:
    shown.show("agent")
    before = height_of(shown, "completion")
    set_text_size(shown, 26)
    shown.row("search_hotels").click()
    assert height_of(shown, "completion") == pytest.approx(2 * before, abs=1)
    assert sticking_out(shown) == []
    for tab in shown.view.get_by_role("tab").all():
        tab.click()
        assert sticking_out(shown) == []
    shot(shown.page, "agent")


def test_the_row_with_the_focus_stays_in_sight_in_large_text(shown: ViewPage) -> None:
    shown.show("large")
    set_text_size(shown, 26)
    shown.focus_first_row()
    for key in ("PageDown", "PageDown", "ArrowDown", "End", "PageUp", "ArrowUp", "Home"):
        shown.press(key)
        active = shown.grid.get_by_role("row").and_(shown.page.locator("[tabindex='0']"))
        expect(active).to_be_focused()
        row, grid = active.bounding_box(), shown.grid.bounding_box()
        assert row is not None
        assert grid is not None
        assert grid["y"] <= row["y"]
        assert row["y"] + row["height"] <= grid["y"] + grid["height"] + 1
    shown.grid.evaluate("grid => grid.scrollTo(0, 2000)")
    expect(shown.grid.locator("[data-row='70']")).to_be_visible()
    expect(shown.grid.locator("[data-row='0']")).to_be_focused()


def test_at_a_zoom_of_200_percent_nothing_is_lost(browser: Browser, view_url: str, shot: Shot) -> None:
    # A window of 1,280 px in which the browser shows everything twice as large.
    with opened(browser, view_url, width_px=640, device_scale_factor=2) as shown:
        shown.show("agent")
        shown.row("completion").first.click()
        assert sticking_out(shown) == []
        for heading in ("Duration", "Cost"):
            expect(shown.grid.get_by_role("columnheader", name=heading)).to_be_visible()
        shot(shown.page, "agent")


def test_little_room_and_large_text_cut_nothing_of_the_header_and_leave_the_names(
    browser: Browser, view_url: str, shot: Shot
) -> None:
    with opened(browser, view_url, width_px=320) as shown:
        shown.show("still")
        set_text_size(shown, 26)
        expect(shown.grid.get_by_role("columnheader", name="Duration")).to_be_hidden()
        bar = shown.view.get_by_role("toolbar", name="Trace")
        assert bar.evaluate("bar => [...bar.children].filter(row => row.scrollWidth > row.clientWidth).length") == 0
        name = shown.row("plan_trip.run").get_by_title("plan_trip.run").bounding_box()
        assert name is not None
        assert name["width"] > 40
        shot(shown.page, "still")


@pytest.mark.parametrize("reduced_motion", ["reduce", "no-preference"])
def test_only_who_has_nothing_against_motion_sees_any(browser: Browser, view_url: str, reduced_motion: str) -> None:
    with opened(browser, view_url, reduced_motion=reduced_motion) as shown:
        shown.show("still")
        shown.row("completion").last.click()
        expect(shown.view.get_by_role("tabpanel")).to_contain_text("Here is a plan")
        moving = shown.page.evaluate("document.getAnimations().length")
        assert (moving > 0) == (reduced_motion == "no-preference")
