"""Tab goes into a view and out of it; F6 goes from part to part, and arrows walk within a part and on."""

from __future__ import annotations

import re
from functools import partial

from driver import Notebook
from playwright.sync_api import Browser, Locator, expect
from test_keyboard import TREE
from test_states import PLAIN
from view_page import opened

STOP = """() => {
    const stop = document.activeElement;
    const cell = [...document.querySelectorAll('.jp-Notebook .jp-Cell')].findIndex(cell => cell.contains(stop));
    return [cell, stop.closest('[data-lm-suppress-shortcuts]') && (stop.dataset.spanId ?? stop.outerHTML)];
}"""
"""The cell that has the focus, -1 for none, and the id of the span whose row has it, null outside a view."""


def test_tab_goes_into_each_view_and_out_of_it_with_one_press(notebook: Notebook) -> None:
    notebook.write("'above'", TREE, TREE, "'below'")
    for index in (1, 2):
        notebook.run(index)
        expect(notebook.rows(index)).to_have_count(4)
    notebook.row(1, "first").click()
    expect(notebook.details(1, "first")).to_be_visible()
    notebook.editor(0).click()
    notebook.page.keyboard.press("Escape")
    first, root = (
        [index, notebook.row(index, name).get_attribute("data-span-id")] for index, name in ((1, "first"), (2, "root"))
    )
    for key, views in (("Tab", [first, root]), ("Shift+Tab", [root, first])):
        stops: list[list[int | str]] = []
        while len(stops) < 30 and not ({1, 2} <= {cell for cell, _ in stops} and stops[-1][0] not in (1, 2)):
            notebook.page.keyboard.press(key)
            stops.append(notebook.page.evaluate(STOP))
        # JupyterLab's own are between them: the cells that it takes for active, and their buttons.
        assert [stop for stop in stops if stop[1] is not None] == views


def test_tab_stops_at_what_is_seen_once_in_each_view_whatever_its_state(browser: Browser, view_url: str) -> None:
    alone = ["waiting", "newer", "damaged"]
    with opened(browser, view_url) as shown:
        shown.show("agent", *PLAIN, "runs")
        shown.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforebegin', '<input name=before>')")
        shown.page.evaluate("document.querySelector('main').insertAdjacentHTML('afterend', '<input name=after>')")
        shown.row("rank").first.click()
        shown.views.first.get_by_role("button", name="Keys").click()
        shown.views.last.get_by_role("searchbox").fill("nowhere to be found")
        views = [index for index, name in enumerate(["agent", *PLAIN, "runs"]) if name not in alone]
        for key, start, end in (("Tab", "before", "after"), ("Shift+Tab", "after", "before")):
            shown.page.locator(f"[name={start}]").focus()
            stops: list[tuple[int, bool]] = []
            while len(stops) < 30 and not shown.page.locator(f"[name={end}]:focus").count():
                shown.press(key)
                stops.append(
                    shown.page.evaluate("""() => {
                        const stop = document.activeElement;
                        const views = [...document.querySelectorAll('section[data-lm-suppress-shortcuts]')];
                        const {width, height} = stop.getBoundingClientRect();
                        return [views.indexOf(stop.closest('section[data-lm-suppress-shortcuts]')), width * height > 0];
                    }""")
                )
            assert stops == [*([view, True] for view in (views if key == "Tab" else views[::-1])), [-1, True]]


def test_f6_goes_from_part_to_part_and_arrows_walk_within_and_on(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("agent")
        shown.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforebegin', '<input name=before>')")
        shown.page.evaluate("document.querySelector('main').insertAdjacentHTML('afterend', '<input name=after>')")
        before, after = (shown.page.locator(f"[name={name}]") for name in ("before", "after"))
        button, tab = (partial(shown.view.get_by_role, role) for role in ("button", "tab"))
        search = shown.view.get_by_role("searchbox")
        root, row, last = shown.row("plan_trip.run"), shown.row("completion").first, shown.row("completion").last

        def focused_after(key: str, then: Locator) -> None:
            shown.press(key)
            expect(then).to_be_focused()

        row.click()
        before.focus()
        for key, then in (
            ("Tab", row),
            ("Tab", after),
            ("Shift+Tab", row),
            ("F6", tab(name="Chat")),
            ("Tab", after),
            ("Shift+Tab", row),
            ("F6", tab(name="Chat")),
            ("ArrowDown", button(name=re.compile("^show all"))),
            ("ArrowDown", button(name=re.compile("^search_flights"))),
            ("ArrowUp", button(name=re.compile("^show all"))),
            ("ArrowUp", tab(name="Chat")),
            ("ArrowRight", tab(name="Inputs / Outputs")),
            ("ArrowDown", button(name="Show as text").first),
            ("Shift+F6", row),
            ("Shift+F6", search),
            ("ArrowRight", button(name="Errors")),
            ("ArrowUp", button(name="JSON", exact=True)),
            ("ArrowRight", button(name=re.compile("^tr-"))),
            ("ArrowRight", button(name="Below")),
            ("ArrowRight", button(name="Keys")),
            ("ArrowDown", search),
            ("ArrowDown", row),
            ("End", last),
            ("ArrowDown", last),
            ("F6", tab(name="Inputs / Outputs")),
            ("ArrowUp", button(name="Thumbs up for this span")),
            ("ArrowUp", last),
            ("Home", root),
            ("ArrowUp", root),
            ("Shift+F6", search),
            ("Shift+Tab", before),
        ):
            focused_after(key, then)


def test_the_overview_is_a_part_between_the_bar_and_the_tree(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("runs")
        start, end = (shown.view.get_by_role("slider", name=f"{which} moment in sight") for which in ("First", "Last"))
        row = shown.grid.get_by_role("row").and_(shown.page.locator("[tabindex='0']"))
        search = shown.view.get_by_role("searchbox")
        shown.focus_first_row()
        for key, then in (
            ("Shift+F6", start),
            ("ArrowUp", search),
            ("F6", start),
            ("ArrowDown", end),
            ("ArrowDown", row),
            ("Shift+F6", start),
            ("Shift+F6", search),
        ):
            shown.press(key)
            expect(then).to_be_focused()


def test_arrows_leave_scrolled_details_and_scroll_what_has_no_controls(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("agent")
        shown.page.add_style_tag(content="[role=tabpanel] { max-height: 60px !important }")
        shown.row("completion").first.click()
        attributes, pane = shown.view.get_by_role("tab", name="Attributes"), shown.view.get_by_role("tabpanel")
        attributes.click()
        assert pane.get_by_role("button").count() == 0
        shown.press("ArrowDown")
        expect(pane).to_be_focused()
        for key, scrolled in (("End", "> 0"), ("Home", "== 0")):
            shown.press(key)
            shown.page.wait_for_function(f"pane => pane.scrollTop {scrolled}", arg=pane.element_handle())
        shown.press("ArrowDown")
        shown.page.wait_for_function("pane => pane.scrollTop > 0", arg=pane.element_handle())
        expect(pane).to_be_focused()
        shown.press("Home")
        shown.page.wait_for_function("pane => pane.scrollTop == 0", arg=pane.element_handle())
        shown.press("ArrowUp")
        expect(attributes).to_be_focused()
        shown.view.get_by_role("tab", name="Chat").click()
        pane.evaluate("pane => { pane.scrollTop = pane.scrollHeight }")
        shown.press("ArrowUp")
        expect(shown.view.get_by_role("button", name="Thumbs up for this span")).to_be_focused()


def test_a_key_that_is_held_down_stays_in_its_part(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("agent")
        shown.row("completion").first.click()
        shown.view.get_by_role("tab", name="Chat").focus()
        for _ in range(12):
            shown.page.keyboard.down("ArrowUp")
        shown.page.keyboard.up("ArrowUp")
        expect(shown.view.get_by_role("button", name="Thumbs up for this span")).to_be_focused()


def test_arrows_stay_with_the_text_of_details_that_was_clicked(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("agent")
        shown.row("completion").first.click()
        pane = shown.view.get_by_role("tabpanel")
        pane.get_by_text("Three days in Lisbon in May").click()
        for key in ("ArrowRight", "ArrowUp", "ArrowDown"):
            shown.press(key)
            expect(pane).to_be_focused()
