"""Where a view stands, and that it covers and moves nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from driver import WINDOW, Notebook
from playwright.sync_api import FloatRect, Locator, Page, expect

Shot = Callable[[Page, str], None]

CALL = "litellm.completion(MODEL, ask('hello'))\nprint('the output')"

NARROW_WIDTH = 800


def box(locator: Locator) -> FloatRect:
    found = locator.bounding_box()
    assert found is not None
    return found


def text_output(notebook: Notebook, index: int) -> Locator:
    return notebook.cell(index).get_by_text("the output", exact=True)


def assert_beside(notebook: Notebook, index: int) -> None:
    said, view = text_output(notebook, index), notebook.view(index)
    notebook.page.wait_for_function(
        "([said, view]) => said.getBoundingClientRect().right <= view.getBoundingClientRect().left + 1",
        arg=[said.element_handle(), view.element_handle()],
    )
    assert abs(box(said)["y"] - box(view)["y"]) < 20, "their tops are level"


def assert_below(notebook: Notebook, index: int) -> None:
    notebook.page.wait_for_function(
        "([said, view]) => said.getBoundingClientRect().bottom <= view.getBoundingClientRect().top + 1",
        arg=[text_output(notebook, index).element_handle(), notebook.view(index).element_handle()],
    )


def assert_apart(locators: list[Locator]) -> None:
    """No two of these cover each other."""
    boxes = [box(locator) for locator in locators]
    for number, a in enumerate(boxes):
        for b in boxes[number + 1 :]:
            across = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
            down = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
            assert across <= 1 or down <= 1, (a, b)


def test_a_view_is_beside_the_output_in_a_wide_window_and_below_it_in_a_narrow_one(notebook: Notebook, shot: Shot) -> None:
    notebook.write(CALL, "'next'")
    notebook.run(0)
    assert_beside(notebook, 0)
    shot(notebook.page, "wide")
    notebook.page.set_viewport_size({**WINDOW, "width": NARROW_WIDTH})
    assert_below(notebook, 0)
    expect(notebook.view(0).get_by_role("button", name="Below")).to_be_hidden()
    shot(notebook.page, "narrow")
    assert_apart([notebook.view(0), notebook.cell(1)])
    notebook.page.set_viewport_size(WINDOW)
    assert_beside(notebook, 0)


def test_the_button_moves_a_view_and_back(notebook: Notebook, shot: Shot) -> None:
    notebook.write(CALL)
    notebook.run(0)
    assert_beside(notebook, 0)
    notebook.view(0).get_by_role("button", name="Below").click()
    assert_below(notebook, 0)
    shot(notebook.page, "below")
    notebook.view(0).get_by_role("button", name="Beside").click()
    assert_beside(notebook, 0)


def test_view_below_is_below_in_a_wide_window(notebook: Notebook) -> None:
    notebook.write("%llmtrace on --view below", CALL)
    notebook.run(0)
    notebook.run(1)
    assert_below(notebook, 1)


def test_view_text_prints_the_tree_and_view_off_nothing(notebook: Notebook, shot: Shot) -> None:
    notebook.write("%llmtrace on --view text", CALL, "%llmtrace on --view off", CALL)
    for index in range(4):
        notebook.run(index)
    expect(notebook.output(1)).to_contain_text("LLM gpt-4o-mini")
    expect(notebook.output(3)).to_have_text("the output")
    expect(notebook.page.get_by_role("treegrid")).to_have_count(0)
    shot(notebook.page, "text")


def test_several_views_in_one_cell_do_not_overlap(notebook: Notebook, shot: Shot) -> None:
    notebook.write(CALL, f"{CALL}\n%llmtrace show -2\n%llmtrace show -2\nprint('more output')")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.view(1)).to_have_count(3)
    shown = [*notebook.view(1).all(), text_output(notebook, 1), notebook.cell(1).get_by_text("more output", exact=True)]
    expect(notebook.view(1).first).to_be_visible()
    assert_apart(shown)
    shot(notebook.page, "wide")
    notebook.page.set_viewport_size({**WINDOW, "width": NARROW_WIDTH})
    notebook.page.wait_for_function(
        "([said, view]) => said.getBoundingClientRect().bottom <= view.getBoundingClientRect().top + 1",
        arg=[shown[-1].element_handle(), shown[0].element_handle()],
    )
    assert_apart(shown)
    shot(notebook.page, "narrow")


def test_a_view_in_a_scrolled_output_does_not_overlap(notebook: Notebook, shot: Shot) -> None:
    notebook.write("for line in range(80): print('line', line)\n" + CALL, "'next'")
    notebook.run(0)
    notebook.cell(0).click()
    notebook.execute("notebook:enable-output-scrolling")
    shown = [notebook.cell(0).get_by_text("line 0", exact=False).first, notebook.view(0)]
    expect(notebook.cell(0)).to_contain_class("jp-mod-outputsScrolled")
    assert_apart(shown)
    assert box(notebook.cell(0))["y"] + box(notebook.cell(0))["height"] <= box(notebook.cell(1))["y"] + 1
    shot(notebook.page, "scrolled")


def test_a_wide_output_does_not_run_into_the_view(notebook: Notebook, shot: Shot) -> None:
    notebook.write(
        "from IPython.display import HTML, display\n"
        "display(HTML('<table><tr>' + '<td>wide</td>' * 80 + '</tr></table>'))\n" + CALL
    )
    notebook.run(0)
    expect(notebook.view(0)).to_be_visible()
    area = notebook.cell(0).locator(".jp-OutputArea-output", has_text="wide").first
    assert_apart([area, notebook.view(0)])
    assert area.evaluate("area => { area.scrollLeft = 50; return area.scrollLeft }") == 50, "all of it can be reached"
    shot(notebook.page, "wide-table")


# The details stand below the tree, and would stand beside it if the view had all of the width; they stand beside it.
@pytest.mark.parametrize("width_px", [1500, 2300])
def test_what_is_read_does_not_move_when_the_cell_ends(notebook: Notebook, width_px: int) -> None:
    notebook.page.set_viewport_size({"width": width_px, "height": 500})
    notebook.write("'first'\n" * 25, "print('the output')\nlitellm.completion(MODEL, ask('hello'))\ngate('end')", "")
    notebook.start(1)
    notebook.row(1, "litellm-completion").click()
    expect(notebook.row(1, "litellm-completion")).to_have_attribute("data-status", "ok")
    notebook.details(1, "litellm-completion").scroll_into_view_if_needed()
    scroller = notebook.page.locator(".jp-WindowedPanel-outer")
    scroller.evaluate("scroller => { scroller.scrollTop = scroller.scrollHeight }")
    before = (scroller.evaluate("scroller => scroller.scrollTop"), box(notebook.grid(1)), box(notebook.cell(2)))
    scroller.evaluate("""scroller => {
        window.lowest = scroller.scrollTop;
        scroller.addEventListener('scroll', () => { window.lowest = Math.min(window.lowest, scroller.scrollTop) });
    }""")
    notebook.lab.open_gate("end")
    notebook.finished(1)
    expect(notebook.view(1)).to_contain_text("Done")
    assert (scroller.evaluate("scroller => scroller.scrollTop"), box(notebook.grid(1)), box(notebook.cell(2))) == before
    assert notebook.page.evaluate("window.lowest") == before[0]


def test_the_page_does_not_scroll_while_a_trace_below_grows(notebook: Notebook) -> None:
    notebook.page.set_viewport_size({**WINDOW, "height": 500})
    notebook.write("'first'\n" * 15, "for i in range(30):\n    with mlflow.start_span(f'span {i}'): pass\ngate('end')", "")
    notebook.start(1)
    scroller = notebook.page.locator(".jp-WindowedPanel-outer")
    scroller.evaluate("scroller => { scroller.scrollTop = 40 }")
    expect(notebook.grid(1)).to_have_attribute("aria-rowcount", "31")
    notebook.lab.open_gate("end")
    notebook.finished(1)
    assert scroller.evaluate("scroller => scroller.scrollTop") == 40
