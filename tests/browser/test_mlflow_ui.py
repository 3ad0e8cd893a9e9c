"""The way from a view into MLflow's own UI, which ``%llmtrace ui`` serves."""

from __future__ import annotations

import re

import pytest
from driver import Notebook
from playwright.sync_api import Page, expect
from saved_file import path_of, save

from ipy_llmtrace.mlflow_ui.gate import COOKIE

UI_MS = 240_000
"""How long MLflow's server may take to start, and its page to load, on a slow machine."""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_trace_and_its_spans_link_to_their_place_in_mlflows_ui(notebook: Notebook, shot) -> None:
    call = "@mlflow.trace(span_type='AGENT')\ndef agent():\n    litellm.completion(MODEL, ask('hello'))\nagent()"
    notebook.write(call, "%llmtrace ui", "%llmtrace flush", "%llmtrace off")
    notebook.run(0)
    links = notebook.view(0).get_by_role("link", name="MLflow")
    expect(links).to_have_count(0)
    notebook.start(1)
    ui = notebook.output(1).get_by_role("link", name=re.compile("^MLflow's UI of "))
    expect(ui).to_be_visible(timeout=UI_MS)
    notebook.run(2)
    expect(links).to_have_count(1)
    shot(notebook.page, "header")
    notebook.row(0, "litellm-completion").click()
    details = notebook.details(0, "litellm-completion")
    shot(notebook.page, "details")
    with notebook.page.expect_popup() as opened:
        details.get_by_role("link", name="MLflow").click()
    opened.value.close()
    with notebook.page.expect_popup() as opened:
        notebook.row(0, "litellm-completion").press("o")
    mlflow_page: Page = opened.value
    expect(mlflow_page.get_by_text("litellm-completion").first).to_be_visible(timeout=UI_MS)
    expect(mlflow_page.get_by_text("agent", exact=True).first).to_be_visible()
    shot(mlflow_page, "mlflow")
    mlflow_page.close()
    notebook.run(3)
    expect(links).to_have_count(0)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_only_the_browser_that_followed_the_link_is_let_in_and_the_file_does_not_hold_what_lets_in(notebook: Notebook) -> None:
    notebook.write("%llmtrace ui", "%llmtrace off")
    notebook.start(0)
    link = notebook.output(0).get_by_role("link", name=re.compile("^MLflow's UI of "))
    expect(link).to_be_visible(timeout=UI_MS)
    address = link.get_attribute("href") or ""
    visits: list[Page] = []
    for _ in range(2):  # the second time without a ticket, by the cookie
        with notebook.page.expect_popup() as opened:
            link.click()
        visits.append(opened.value)
        expect(visits[-1].get_by_text("Experiments").first).to_be_visible(timeout=UI_MS)
        assert "llmtrace=" not in visits[-1].url
    home = visits[-1].url.partition("#")[0]
    (cookie,) = [cookie for cookie in notebook.page.context.cookies(home) if cookie["name"] == COOKIE]

    # A page of another port of this machine: the browser adds the cookie, and the gate turns it away.
    neighbour = visits.pop()
    neighbour.goto(f"{notebook.lab.url}api")
    for reach in ("fetch(url, {credentials: 'include'})", "fetch(url, {credentials: 'include', mode: 'no-cors'})"):
        assert neighbour.evaluate(f"url => {reach}.then(r => r.type === 'opaque' ? 0 : r.status, () => 0)", home) in (
            0,
            403,
        )
    neighbour.close()
    # Another browser, with all that the file has.
    other = notebook.page.context.browser.new_context()  # type: ignore[union-attr]
    for kept in (address, home):
        page = other.new_page()
        page.goto(kept)
        expect(page.get_by_text("open to the notebook's own browser only")).to_be_visible()
    other.close()
    visits.pop().close()
    notebook.run(1)
    save(notebook)
    assert cookie["value"] not in path_of(notebook).read_text()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_mlflows_own_page_has_what_was_said_of_a_trace_and_of_a_span(notebook: Notebook, shot) -> None:
    call = "with mlflow.start_span('agent'):\n    litellm.completion(MODEL, ask('hello'))"
    notebook.write(call, "%llmtrace ui", "%llmtrace flush", "%llmtrace off")
    notebook.run(0)
    notebook.row(0, "litellm-completion").click()
    of_the_call = notebook.details(0, "litellm-completion")
    of_the_call.get_by_role("button", name="Thumbs down").click()
    of_the_call.get_by_role("textbox", name="Comment").fill("no, another question")
    of_the_call.get_by_role("button", name="Save comment").click()
    notebook.row(0, "agent").click()
    notebook.details(0, "agent").get_by_role("button", name="Thumbs up").click()
    notebook.run(1)
    notebook.run(2)
    with notebook.page.expect_popup() as opened:
        notebook.view(0).get_by_role("link", name="MLflow").first.click()
    mlflow_page: Page = opened.value
    expect(mlflow_page.get_by_text("litellm-completion").first).to_be_visible(timeout=UI_MS)
    shot(mlflow_page, "trace")
    # MLflow's guide hides the rest of the page from readers, and lies below it.
    mlflow_page.get_by_role("button", name="Got it").press("Enter")
    mlflow_page.get_by_text("litellm-completion").first.click()
    mlflow_page.get_by_role("button", name=re.compile("^Assess")).click()
    said = mlflow_page.get_by_test_id("assessments-pane")
    said.get_by_text("False", exact=True).locator("xpath=preceding::button[1]").click()
    expect(said.get_by_text("no, another question")).to_be_visible()
    shot(mlflow_page, "span")
    mlflow_page.get_by_text("agent", exact=True).first.click()
    expect(said.get_by_text("True", exact=True)).to_be_visible()
    expect(said.get_by_text("no, another question")).to_have_count(0)
    shot(mlflow_page, "root")
    mlflow_page.close()
    notebook.run(3)
