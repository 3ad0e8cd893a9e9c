"""What the reader is at stays there: while a trace grows, and when a search ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect
from view_page import ViewPage, opened


@pytest.fixture
def shown(browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url) as shown:
        yield shown


def active(shown: ViewPage) -> Locator:
    return shown.grid.get_by_role("row").and_(shown.page.locator("[tabindex='0']"))


def arrive(shown: ViewPage, case: str, spans: list[tuple[str, str, str]], *failed: str) -> None:
    """Spans come from the kernel, each with its id, its parent's and its name, and are drawn; `failed` have failed."""
    shown.page.evaluate(
        """async ([name, spans, failed]) => {
            const { model } = places[name];
            const snapshot = JSON.parse(model.get("snapshot").json.split("\\n")[0]);
            const texts = ["tr", "TOOL", "boom", ...new Set(spans.map(([, , name]) => name))];
            const same = value => spans.map(() => value);
            const rows = {
                texts, id: spans.map(([id]) => id), parent: spans.map(([, parent]) => parent), detail: same(0),
                start_ns: spans.map((_, index) => index ? 1e6 : 1e12 + snapshot.seq * 1e9), end_ns: same(1e6),
                status: spans.map(([id]) => failed.includes(id) ? "error" : "ok"), message: same(2),
                trace: same(0), type: same(1), name: spans.map(([, , name]) => texts.indexOf(name)),
            };
            const { v, summary } = snapshot;
            window.seq = (window.seq ?? snapshot.seq) + 1;
            rows.start_ns[0] += window.seq * 1e9;
            model.receive({ v, json: JSON.stringify({ v, kind: "delta", seq: window.seq, rows, summary }) });
            for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
        }""",
        [case, spans, failed],
    )


def root_of(shown: ViewPage) -> str:
    root = shown.grid.locator("[data-row='0']").get_attribute("data-span-id")
    assert root is not None
    return root


def test_a_step_stays_open_for_the_reader_in_it_when_it_becomes_one_of_many(shown: ViewPage) -> None:
    shown.show("large&count=20&running")
    root = root_of(shown)
    for step in range(1, 6):
        arrive(
            shown, "large", [(f"s{step}", root, "step"), *((f"s{step}c{call}", f"s{step}", f"call {call}") for call in (1, 2))]
        )
        if step == 1:
            shown.row("call 2").click()
            expect(shown.view.get_by_role("group", name="Details")).to_be_visible()
    expect(shown.grid.get_by_role("row").filter(has_text="× 5")).to_have_attribute("aria-expanded", "true")
    expect(shown.row("call 2").first).to_be_focused()
    expect(shown.row("call 2").first).to_have_attribute("aria-selected", "true")


def test_what_was_found_stays_in_sight_when_the_search_ends(shown: ViewPage) -> None:
    shown.show("large&count=2000")
    shown.focus_first_row()
    shown.press("/")
    search = shown.page.get_by_role("searchbox")
    search.fill("timeout")
    for _ in range(6):
        search.press("Enter")
    found = active(shown).get_attribute("data-span-id")
    search.press("Escape")
    expect(active(shown)).to_have_attribute("data-span-id", str(found))
    expect(active(shown)).to_be_focused()
    expect(active(shown)).to_be_in_viewport()


def test_sorting_keeps_the_row_in_sight(shown: ViewPage) -> None:
    shown.show("large&count=2000")
    shown.focus_first_row()
    shown.press("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown")
    for _ in range(5):
        shown.press("r")
        expect(active(shown)).to_be_focused()
        expect(active(shown)).to_be_in_viewport()


def test_rows_that_come_below_a_reader_are_counted(shown: ViewPage) -> None:
    shown.show("large&count=45&running")
    root = root_of(shown)
    shown.focus_first_row()
    shown.press("End")
    pill = shown.view.get_by_role("button", name="more")
    expect(pill).to_have_count(0)
    arrive(shown, "large", [(f"n{number}", root, f"new {number}") for number in range(3)])
    expect(pill).to_have_text("↓ 3 more")
    shown.press("Enter")
    arrive(shown, "large", [("n3", root, "new 3")])
    expect(pill).to_have_text("↓ 4 more")
    pill.click()
    expect(shown.row("new 3")).to_be_in_viewport()
    expect(pill).to_have_count(0)


def test_a_closed_row_that_failed_tells_what_is_in_it(shown: ViewPage) -> None:
    shown.show("large&count=20&running")
    spans = [("p", root_of(shown), "plan"), ("c1", "p", "call 1"), ("c2", "p", "call 2")]
    arrive(shown, "large", spans, "p", "c1")
    shown.row("plan").click()
    shown.press("ArrowLeft")
    expect(shown.row("plan")).to_have_attribute("aria-expanded", "false")
    expect(shown.row("plan")).to_contain_text("boom · 2 spans ⚠ 1 error")


def test_the_critical_path_goes_through_a_closed_run(shown: ViewPage) -> None:
    shown.show("runs")
    run = shown.grid.get_by_role("row").filter(has_text="× 240")
    of_path = re.compile("of the critical path$")
    expect(run.get_by_title(of_path)).to_have_count(0)
    shown.focus_first_row()
    shown.press("c")
    expect(run.get_by_title(of_path)).to_be_visible()


def test_what_is_gone_into_stands_open_and_has_a_critical_path_of_its_own(shown: ViewPage) -> None:
    shown.show("large&count=2000")
    shown.focus_first_row()
    shown.press("c", "ArrowDown")
    expect(active(shown)).to_have_attribute("aria-expanded", "false")
    shown.press("s")
    expect(active(shown)).to_have_attribute("aria-expanded", "true")
    expect(active(shown)).to_have_attribute("aria-level", "1")
    shown.press("Enter")
    share = shown.page.get_by_role("tabpanel").get_by_text(re.compile(r"of the critical path: \d+ %"))
    assert int(share.inner_text().split()[-2]) > 5
