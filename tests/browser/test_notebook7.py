"""The view in Notebook 7, which is JupyterLab's parts in a page of another kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe import violations
from conftest import SETUP
from driver import WINDOW, Heard, Notebook
from lab import Lab
from playwright.sync_api import Browser, Page, expect

Shot = Callable[[Page, str], None]

CALLS = """\
with mlflow.start_span("answer", span_type="AGENT"):
    for text in litellm.completion(MODEL, ask("hello"), stream=True): pass
    gate("end")
print("the output")"""


@pytest.fixture
def seven(browser: Browser, lab: Lab) -> Iterator[Notebook]:
    """A notebook of its own in Notebook 7, with tracing on."""
    page = browser.new_page(viewport=WINDOW)
    notebook = Notebook(page, lab, "seven.ipynb", "notebooks")
    notebook.write(SETUP + "%llmtrace on")
    notebook.run(0)
    notebook.heard = Heard()  # what Notebook 7 itself says at its start is not ours
    lab.close_gates()
    yield notebook
    assert notebook.heard == Heard()
    page.close()


def test_a_cell_of_notebook_7_shows_its_trace_live_beside_its_output_and_below_in_little_room(
    seven: Notebook, shot: Shot
) -> None:
    seven.write("'above'", CALLS, "'below'")
    seven.start(1)
    expect(seven.row(1, "answer")).to_have_attribute("aria-busy", "true")
    expect(seven.row(1, "litellm-completion")).to_have_attribute("data-status", "ok")
    seven.lab.open_gate("end")
    seven.finished(1)
    expect(seven.row(1, "answer")).to_have_attribute("data-status", "ok")
    seven.row(1, "litellm-completion").click()
    expect(seven.details(1, "litellm-completion").get_by_role("tabpanel", name="Chat")).to_contain_text("hello")
    shot(seven.page, "wide")
    assert violations(seven.view(1)) == []
    # A cell's keys of command mode, which Notebook 7 has as well.
    for key in ("d", "d", "a", "b", "x", "m", "y", "z", "r"):
        seven.page.keyboard.press(key)
    expect(seven.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(3)
    seven.page.set_viewport_size({"width": 400, "height": 800})
    seven.page.wait_for_function(
        "([said, view]) => said.getBoundingClientRect().bottom <= view.getBoundingClientRect().top + 1",
        arg=[seven.cell(1).get_by_text("the output", exact=True).element_handle(), seven.view(1).element_handle()],
    )
    box = seven.view(1).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 400
    shot(seven.page, "narrow")
