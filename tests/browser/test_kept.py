"""What the reader has opened, chosen and scrolled stays, and a view can be had again."""

from __future__ import annotations

from collections.abc import Callable

from driver import Notebook
from playwright.sync_api import Locator, Page, expect

Shot = Callable[[Page, str], None]

MANY = """\
with mlflow.start_span("root"):
    with mlflow.start_span("folded"):
        with mlflow.start_span("inner"): pass
    for i in range(40):
        with mlflow.start_span(f"span {i}") as span: span.set_inputs({"number": list(range(60))})
    gate("end")
print("ended")"""


def scroll_px(locator: Locator) -> int:
    return int(locator.evaluate("element => element.scrollTop"))


def test_selection_folded_rows_and_scroll_survive_the_end_of_the_cell(notebook: Notebook, shot: Shot) -> None:
    notebook.write(MANY)
    notebook.start(0)
    expect(notebook.grid(0)).to_have_attribute("aria-rowcount", "44")
    notebook.grid(0).evaluate("grid => { grid.scrollTop = 0 }")
    notebook.row(0, "folded").click()
    notebook.page.keyboard.press("ArrowLeft")
    expect(notebook.row(0, "inner")).to_have_count(0)
    notebook.grid(0).evaluate("grid => { grid.scrollTop = 300 }")
    notebook.row(0, "span 15").click()
    details = notebook.details(0, "span 15")
    expect(details).to_be_visible()
    before = scroll_px(notebook.grid(0))
    shot(notebook.page, "running")
    notebook.lab.open_gate("end")
    notebook.finished(0)
    expect(notebook.view(0)).to_contain_text("Done")
    expect(details).to_be_visible()
    expect(notebook.row(0, "span 15")).to_have_attribute("aria-selected", "true")
    assert scroll_px(notebook.grid(0)) == before > 0
    notebook.grid(0).evaluate("grid => { grid.scrollTop = 0 }")
    expect(notebook.row(0, "folded")).to_have_attribute("aria-expanded", "false")
    expect(notebook.row(0, "inner")).to_have_count(0)


def test_a_reloaded_page_shows_the_view_again_from_the_living_kernel(notebook: Notebook, shot: Shot) -> None:
    notebook.write("litellm.completion(MODEL, ask('What is the capital of France?'))\nprint('ended')")
    notebook.run(0)
    span = notebook.rows(0).get_attribute("data-span-id")
    assert span
    notebook.execute("docmanager:save")
    notebook.page.reload()
    notebook.ready()
    expect(notebook.rows(0)).to_have_attribute("data-span-id", span)
    notebook.row(0, "litellm-completion").click()
    expect(notebook.details(0, "litellm-completion")).to_contain_text("The capital of France is Paris.")
    shot(notebook.page, "reloaded")


def test_show_shows_a_cells_trace_again(notebook: Notebook, shot: Shot) -> None:
    notebook.write("litellm.completion(MODEL, ask('hello'))", "%llmtrace show")
    notebook.run(0)
    notebook.run(1)
    span = notebook.rows(0).get_attribute("data-span-id")
    assert span
    expect(notebook.rows(1)).to_have_attribute("data-span-id", span)
    expect(notebook.grid(1)).to_have_accessible_name(f"LLM trace, cell {notebook.prompt(0).inner_text().rstrip(':')}")
    notebook.row(1, "litellm-completion").click()
    expect(notebook.details(1, "litellm-completion")).to_contain_text("Hello!")
    expect(notebook.details(0, "litellm-completion")).to_have_count(0)
    shot(notebook.page, "twice")


def test_a_second_window_on_the_notebook_shows_the_same(notebook: Notebook, shot: Shot) -> None:
    notebook.write("with mlflow.start_span('held'):\n    gate('held')")
    notebook.start(0)
    expect(notebook.row(0, "held")).to_have_attribute("aria-busy", "true")
    notebook.execute("docmanager:clone")
    grids = notebook.page.get_by_role("treegrid")
    try:
        expect(grids).to_have_count(2)
        rows = notebook.page.locator("[role=row][data-span-id]")
        expect(rows).to_have_count(2)
        notebook.lab.open_gate("held")
        for row in rows.all():
            expect(row).to_have_attribute("data-status", "ok")
        shot(notebook.page, "two-windows")
    finally:
        notebook.page.evaluate("window.jupyterapp.shell.currentWidget.close()")
    expect(grids).to_have_count(1)
    expect(notebook.row(0, "held")).to_be_visible()


def test_the_view_of_a_cleared_output_goes(notebook: Notebook) -> None:
    notebook.write("litellm.completion(MODEL, ask('hello'))", "litellm.completion(MODEL, ask('hello'))")
    notebook.run(0)
    notebook.run(1)
    notebook.cell(0).click()
    notebook.execute("notebook:clear-cell-output")
    expect(notebook.page.get_by_role("treegrid")).to_have_count(1)
    expect(notebook.rows(1)).to_have_count(1)
