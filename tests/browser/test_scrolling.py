"""Where the tree of a running cell stands in its scroller: at its end, until the reader has scrolled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from view_page import ViewPage, opened

RUNNING = "large&count=45&running"
"""More rows than are in sight; none comes after the view is opened."""

END = "grid => grid.scrollHeight - grid.clientHeight - grid.scrollTop"


@pytest.fixture
def shown(browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url) as shown:
        shown.show(RUNNING)
        yield shown


def test_a_view_that_is_opened_late_shows_the_end(shown: ViewPage) -> None:
    expect(shown.grid.locator("[aria-rowindex='46']")).to_be_in_viewport()
    expect(shown.grid.locator("[aria-rowindex='32']")).to_be_in_viewport()


def test_a_step_of_less_than_a_row_leaves_the_end(shown: ViewPage) -> None:
    expect(shown.grid.locator("[aria-rowindex='46']")).to_be_in_viewport()
    shown.grid.hover()
    for steps in range(1, 6):
        shown.page.mouse.wheel(0, -10)
        shown.page.wait_for_function(f"grid => ({END})(grid) === {10 * steps}", arg=shown.grid.element_handle())


def test_an_unfinished_view_without_a_kernel_stands_at_its_top(shown: ViewPage) -> None:
    shown.show(f"{RUNNING}&saved")
    expect(shown.grid.locator("[aria-rowindex='2']")).to_be_in_viewport()
