"""What a reader can do with a trace: by key and by mouse, in the page without a kernel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from view_page import ViewPage, opened

Shot = Callable[[Page, str], None]


@pytest.fixture
def shown(browser: Browser, view_url: str) -> Iterator[ViewPage]:
    with opened(browser, view_url, width_px=1600, permissions=["clipboard-read", "clipboard-write"]) as page:
        yield page


def copied(shown: ViewPage) -> str:
    text = shown.page.evaluate("navigator.clipboard.readText()")
    assert isinstance(text, str)
    return text


def test_the_bar_beside_the_details_moves_by_key_and_by_mouse(shown: ViewPage) -> None:
    shown.show("single")
    shown.row("litellm-completion").click()
    bar = shown.page.get_by_role("separator", name="Width of the tree")
    expect(bar).to_have_attribute("aria-valuenow", "45")
    bar.press("ArrowLeft")
    expect(bar).to_have_attribute("aria-valuenow", "43")
    bar.press("End")
    expect(bar).to_have_attribute("aria-valuenow", "75")
    details = shown.page.get_by_role("region", name="litellm-completion")
    before, view = details.bounding_box(), shown.view.bounding_box()
    assert before is not None
    assert view is not None
    assert before["width"] == pytest.approx(view["width"] / 4, abs=12)
    box = bar.bounding_box()
    assert box is not None
    shown.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 5)
    shown.page.mouse.down()
    shown.page.mouse.move(view["x"] + view["width"] * 0.4, box["y"] + 5)
    shown.page.mouse.up()
    expect(bar).to_have_attribute("aria-valuenow", "40")


def test_the_height_of_the_tree_is_kept_for_the_notebook(shown: ViewPage) -> None:
    shown.show("large")
    edge = shown.page.get_by_role("separator", name="Height of the tree")
    expect(edge).to_have_attribute("aria-valuenow", "16")
    before, box = shown.grid.bounding_box(), edge.bounding_box()
    assert before is not None
    assert box is not None
    shown.page.mouse.move(box["x"] + 50, box["y"] + 3)
    shown.page.mouse.down()
    shown.page.mouse.move(box["x"] + 50, box["y"] + 3 + 8 * before["height"] / 17)
    shown.page.mouse.up()
    expect(edge).to_have_attribute("aria-valuenow", "24")
    shown.focus_first_row()
    shown.press("<")
    expect(edge).to_have_attribute("aria-valuenow", "20")
    shown.show("large")
    expect(edge).to_have_attribute("aria-valuenow", "20")
    after = shown.grid.bounding_box()
    assert after is not None
    assert after["height"] == pytest.approx(before["height"] * 21 / 17, abs=2)


def test_the_trace_links_to_the_ui_of_its_store_while_the_kernel_serves_it(shown: ViewPage) -> None:
    shown.show("agent")
    link = shown.view.get_by_role("link", name="MLflow")
    expect(link).to_have_count(0)
    shown.page.evaluate("kernel.receive({kind: 'uis', addresses: {store: 'http://127.0.0.1:5000/?key=a'}})")
    expect(link).to_have_attribute("href", re.compile(r"^http://127\.0\.0\.1:5000/\?key=a#/traces/tr-\w+$"))
    shown.page.evaluate("kernel.receive({kind: 'uis', addresses: {other: 'http://127.0.0.1:5001'}})")
    expect(link).to_have_count(0)
    shown.page.evaluate("kernel.receive({kind: 'uis', addresses: {store: 'http://127.0.0.1:5002'}})")
    expect(link).to_have_count(1)
    shown.page.evaluate("kernel.receive({kind: 'uis', addresses: {}})")
    expect(link).to_have_count(0)


def test_the_time_in_sight_is_chosen_on_the_minimap(shown: ViewPage) -> None:
    shown.show("runs")
    first = shown.page.get_by_role("slider", name="First moment in sight")
    expect(first).to_have_attribute("aria-valuetext", "0 µs")
    first.press("PageUp")
    expect(first).to_have_attribute("aria-valuetext", "3.08 s")
    shown.view.get_by_role("button", name="all", exact=True).click()
    expect(first).to_have_attribute("aria-valuetext", "0 µs")
    strip = shown.page.get_by_role("group", name="Time in sight").bounding_box()
    assert strip is not None
    shown.page.mouse.move(strip["x"] + strip["width"] / 2, strip["y"] + 10)
    shown.page.mouse.down()
    shown.page.mouse.move(strip["x"] + strip["width"] * 3 / 4, strip["y"] + 10)
    shown.page.mouse.up()
    expect(first).to_have_attribute("aria-valuenow", "50")
    expect(shown.page.get_by_role("slider", name="Last moment in sight")).to_have_attribute(
        "aria-valuenow", re.compile("7[56]")
    )


def test_the_figures_of_a_run_of_spans_say_that_they_are_sums(shown: ViewPage) -> None:
    shown.show("runs")
    run = shown.row("search_docs").first
    expect(run).to_contain_text("× 240")
    expect(run.get_by_title("Sum").first).to_have_text(re.compile(r"^\d+\.\d s$"))


def test_parts_of_a_value_are_copied_with_their_paths(shown: ViewPage) -> None:
    shown.show("agent")
    shown.row("plan_trip.run").click()
    panel = shown.page.get_by_role("tabpanel", name="Inputs / Outputs")
    panel.get_by_role("button", name='Copy inputs["tools"][1]').click()
    panel.get_by_role("button", name="Copy path").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(shown) == 'inputs["tools"][1]'
    panel.get_by_role("button", name="Copy value").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(shown) == "hotels"
    panel.get_by_role("button", name="Show as text").first.click()
    expect(panel).to_contain_text('"budget_eur": 600,')


def test_keys_of_a_large_value_are_found(shown: ViewPage) -> None:
    shown.show("agent")
    shown.row("completion").nth(1).click()
    shown.page.get_by_role("tab", name="Inputs / Outputs").click()
    panel = shown.page.get_by_role("tabpanel", name="Inputs / Outputs")
    find = panel.get_by_role("textbox", name="Find key in inputs")
    expect(panel.get_by_role("button", name='Copy inputs["temperature"]')).to_have_count(1)
    find.fill("ARGUMENTS")
    expect(panel.get_by_role("button", name=re.compile(r'^Copy inputs\[.*\["arguments"\]$'))).not_to_have_count(0)
    expect(panel.get_by_role("button", name='Copy inputs["temperature"]')).to_have_count(0)
    find.fill("nowhere")
    expect(panel).to_contain_text("no such key")
    find.press("Escape")
    expect(find).to_have_value("")
    find.press("Escape")
    expect(panel).to_have_count(0)


def test_a_call_is_copied_as_python_and_its_conversation_as_markdown(shown: ViewPage) -> None:
    shown.show("agent")
    shown.row("completion").nth(1).click()
    shown.page.get_by_role("button", name="Copy as Python").click()
    expect(shown.page.get_by_role("button", name="Copied")).to_be_visible()
    assert "litellm.completion(\n    model=" in copied(shown)
    shown.page.get_by_role("button", name="Copy as Markdown").click()
    assert "**user**\n\nThree days in Lisbon" in copied(shown)
    shown.row("rank").click()
    shown.page.get_by_role("button", name="Copy as Python").click()
    expect(shown.page.get_by_role("button", name="Copied")).to_be_visible()
    assert 'search_spans(span_id="d1")' in copied(shown)


def test_what_a_retriever_found_stands_as_documents(shown: ViewPage) -> None:
    shown.show("documents")
    shown.row("search_docs").click()
    panel = shown.page.get_by_role("tabpanel", name="Documents")
    first, second = (
        panel.get_by_role("button", name=name) for name in ("guide/spans.md score 0.91", "guide/traces.md score 0.4")
    )
    expect(first).to_have_attribute("aria-expanded", "true")
    expect(panel).to_contain_text("A span is one timed operation.")
    expect(panel).not_to_contain_text("A trace is a tree")
    second.click()
    expect(panel).to_contain_text("A trace is a tree")
    expect(panel).to_contain_text("chapter")


def test_texts_are_shown_as_written_in_the_place_where_that_was_asked_for(shown: ViewPage) -> None:
    shown.show("agent")
    shown.row("completion").nth(1).click()
    panel = shown.page.get_by_role("tabpanel")
    chat, outputs = shown.page.get_by_role("tab", name="Chat"), shown.page.get_by_role("tab", name="Inputs / Outputs")
    outputs.click()
    panel.get_by_role("button", name="Show as text").first.click()
    expect(panel.get_by_role("button", name="Show as tree")).to_have_count(1)
    expect(panel.get_by_role("button", name="Show as text")).to_have_count(1)
    chat.click()
    expect(panel.get_by_text("**Rossio**")).to_have_count(0)
    panel.get_by_role("button", name="Show as written").click()
    expect(panel.get_by_text("**Rossio**")).to_have_count(1)
    shown.row("completion").nth(2).click()
    expect(panel.get_by_role("button", name="Show as Markdown")).to_have_count(1)
    outputs.click()
    expect(panel.get_by_role("button", name="Show as text")).to_have_count(1)


def test_a_whole_detail_that_was_asked_for_can_be_given_up(shown: ViewPage) -> None:
    def reply(text: str) -> None:
        shown.page.evaluate(
            """async text => {
                const { model } = places.agent;
                const reply = { kind: "detail", id: "b3", detail: { outputs: text } };
                model.receive({ v: model.get("snapshot").v, json: JSON.stringify(reply) });
                for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
            }""",
            text,
        )

    shown.show("agent")
    shown.row("completion").nth(2).click()
    shown.page.get_by_role("tab", name="Inputs / Outputs").click()
    panel = shown.page.get_by_role("tabpanel")
    panel.get_by_role("button", name="Load all").click()
    expect(panel).to_contain_text("Asked for; a busy kernel answers when its cell has finished.")
    panel.get_by_role("button", name="Stop").click()
    expect(panel).not_to_contain_text("Asked")
    reply("too late")
    assert "too late" not in panel.inner_text()
    panel.get_by_role("button", name="Load all").click()
    reply("in time")
    expect(panel).to_contain_text("in time")
    expect(panel).not_to_contain_text("Long values are shortened")


def test_frames_of_packages_are_folded_in_a_traceback(shown: ViewPage) -> None:
    shown.show("agent")
    shown.row("search_hotels").click()
    panel = shown.page.get_by_role("tabpanel", name="Error")
    expect(panel).to_contain_text("in search_hotels")
    expect(panel).not_to_contain_text("requests/models.py")
    panel.get_by_role("button", name="1 frame in requests").click()
    expect(panel).to_contain_text("requests/models.py")


def test_the_pointer_tells_the_time(shown: ViewPage) -> None:
    shown.show("agent")
    row = shown.row("plan_trip.run").bounding_box()
    assert row is not None
    shown.page.mouse.move(row["x"] + row["width"] - 14, row["y"] + 10)
    expect(shown.grid).to_contain_text(re.compile(r"6\.\d\d s \d\d:\d\d:\d\d\.\d{3}"))


def test_a_part_of_the_trace_is_gone_into_and_left_again(shown: ViewPage) -> None:
    shown.show("agent")
    shown.focus_first_row()
    shown.press("End", *["ArrowUp"] * 4)
    expect(shown.row("rank")).to_be_focused()
    shown.press("s")
    rows = shown.grid.get_by_role("row").and_(shown.page.locator("[data-span-id]"))
    expect(rows).to_have_count(4)
    expect(shown.row("rank")).to_have_attribute("aria-level", "1")
    expect(shown.grid).to_contain_text("200 ms")  # the times count from the part's beginning
    part = shown.page.get_by_role("navigation", name="Part of the trace")
    expect(part).to_contain_text("rank")
    shown.page.get_by_role("searchbox").fill("completion")
    expect(shown.view).to_contain_text("no match")
    shown.page.get_by_role("searchbox").press("Escape")
    part.get_by_role("button", name="all spans").click()
    expect(rows).to_have_count(10)
    expect(part).to_have_count(0)
    shown.row("rank").focus()
    shown.press("s")
    expect(part).to_be_visible()
    shown.press("Escape")
    expect(part).to_have_count(0)


def test_one_of_several_traces_is_chosen_and_its_id_and_spans_are_copied(shown: ViewPage, shot: Shot) -> None:
    shown.show("traces")
    picker = shown.page.get_by_role("combobox", name="Trace")
    expect(picker.get_by_role("option")).to_have_text(["all traces", *(f"{number}: plan_trip.run" for number in (1, 2, 3))])
    expect(shown.row("plan_trip.run")).to_have_count(3)
    picker.select_option("2: plan_trip.run")
    expect(shown.row("plan_trip.run")).to_have_count(1)
    shot(shown.page, "traces")
    shown.view.get_by_role("button", name=re.compile("^tr-")).click()
    expect(shown.view.get_by_role("button", name="Copied")).to_be_visible()
    trace = copied(shown)
    assert re.fullmatch("tr-[0-9a-f]{31}2", trace)
    shown.view.get_by_role("button", name="JSON").click()
    expect(shown.view.get_by_role("button", name="Copied")).to_be_visible()
    spans = json.loads(copied(shown))["spans"]
    assert {span["trace"] for span in spans} == {trace}
    assert [span["name"] for span in spans].count("completion") == 3
    assert spans[0]["inputs"]["budget_eur"] == 600
    shown.row("rank").click()
    shown.press("y")
    expect(shown.view).to_contain_text("Span id copied")
    assert copied(shown).endswith("-2")
    shown.press("s")
    expect(picker.locator("option:checked")).to_have_text("2: plan_trip.run")
    picker.select_option("all traces")
    expect(shown.row("plan_trip.run")).to_have_count(3)


def test_the_share_of_the_critical_path_stands_in_the_details(shown: ViewPage) -> None:
    shown.show("agent")
    shown.row("plan_trip.run").click()
    pane = shown.page.get_by_role("tabpanel")
    expect(pane).not_to_contain_text("critical path")
    shown.press("c")
    expect(pane).to_contain_text("190 ms of the critical path: 3 %")
    shown.row("search_flights").click()
    expect(pane).to_contain_text("Not on the critical path.")


def test_a_double_click_zooms_also_where_the_details_would_stand_beside(shown: ViewPage) -> None:
    shown.show("gaps")
    bar = shown.row("ask").first.locator(".lt-bar")
    before = bar.bounding_box()
    assert before is not None
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    shown.page.mouse.click(x, y, click_count=1)
    # What the first click did has been drawn.
    shown.page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    shown.page.mouse.click(x, y, click_count=2)
    expect(shown.view.get_by_role("button", name="all", exact=True)).to_be_visible()
    expect(shown.page.get_by_role("tabpanel")).to_have_count(0)


def test_a_column_in_which_nothing_stands_takes_no_room(shown: ViewPage) -> None:
    shown.show("documents")
    expect(shown.page.get_by_role("columnheader")).to_have_text(["Span", "Duration", "Self", re.compile("Time")])
    shown.show("agent")
    expect(shown.page.get_by_role("columnheader", name="Tokens")).to_be_visible()
    expect(shown.row("completion").first).to_contain_text("348 → 64")


def test_the_times_in_which_nothing_runs_are_squeezed(shown: ViewPage) -> None:
    shown.show("gaps")
    first = shown.row("ask").first.locator(".lt-bar")
    before = first.bounding_box()
    shown.focus_first_row()
    shown.press("g")
    wide = first.bounding_box()
    assert before is not None
    assert wide is not None
    assert wide["width"] > 4 * before["width"]
    shown.press("g")
    expect(shown.row("poll")).to_be_focused()
    assert first.bounding_box() == before


def test_wide_columns_tell_a_span_s_own_time_and_its_first_token(shown: ViewPage) -> None:
    shown.page.set_viewport_size({"width": 1900, "height": 800})
    shown.show("agent")
    expect(shown.row("plan_trip.run")).to_contain_text("6.21 s190 ms")
    expect(shown.row("completion").first).to_contain_text("370 ms")
    expect(shown.row("completion").first.get_by_role("gridcell", name="gpt-4o-mini", exact=True)).to_be_visible()
    # The time of its own is solid on a bar; how long it took stands beside it.
    expect(shown.row("rank").locator(".lt-bar")).to_have_css("background-image", re.compile("^linear-gradient"))
    expect(shown.row("rank")).to_contain_text(re.compile("230 ms50 ms.*230 ms"))
    shown.page.get_by_role("button", name="Self").click()
    expect(shown.page.get_by_role("columnheader", name="Self")).to_have_attribute("aria-sort", "descending")
    rows = shown.grid.get_by_role("row").and_(shown.page.locator("[data-span-id]"))
    expect(rows.nth(1)).to_contain_text("2.22 s")


def test_a_running_view_can_be_held_and_let_go_on(shown: ViewPage) -> None:
    shown.show("live")
    rows = shown.grid.get_by_role("row").and_(shown.page.locator("[data-span-id]"))
    expect(rows).not_to_have_count(0)
    shown.view.get_by_role("button", name="Pause").click()
    expect(shown.view).to_contain_text("Paused")
    held = rows.count()
    shown.page.evaluate("""() => {
        const { model } = window.places.live;
        const receive = model.receive.bind(model);
        window.came = 0;
        model.receive = (...message) => { window.came++; receive(...message) };
    }""")
    shown.page.wait_for_function("window.came > 5")
    assert rows.count() == held
    shown.view.get_by_role("button", name="Resume").click()
    expect(shown.view).to_contain_text("Done")
    expect(rows).to_have_count(10)


def test_paper_has_the_first_200_rows_and_no_scroller(shown: ViewPage) -> None:
    shown.show("large")
    rows = shown.grid.get_by_role("row").and_(shown.page.locator("[data-span-id]"))
    shown.focus_first_row()
    shown.press("]", "End")
    last = shown.grid.locator("[aria-rowindex='10001']")
    expect(last).to_be_in_viewport()
    shown.page.emulate_media(media="print")
    expect(rows).to_have_count(200)
    expect(rows.nth(150)).to_be_visible()
    assert shown.grid.evaluate("grid => grid.scrollHeight - grid.clientHeight") == 0
    expect(shown.page.get_by_role("searchbox")).to_be_hidden()
    shown.page.emulate_media(media="screen")
    expect(last).to_be_in_viewport()
