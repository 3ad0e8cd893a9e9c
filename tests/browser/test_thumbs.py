"""Thumbs and comments: given in the view, in MLflow's store, and kept with the notebook."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from driver import START_MS, WINDOW, Notebook
from playwright.sync_api import Browser, Locator, Page, expect
from saved_file import Reopened, path_of, save
from view_page import opened

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.trace.feedback import NAME, Feedback
from ipy_llmtrace.trace.span import Span

Shot = Callable[[Page, str], None]

ASKED = """\
with mlflow.start_span("agent", span_type="AGENT") as agent:
    litellm.completion(MODEL, ask("hello"))
trace_of_agent = agent.trace_id"""

STORED = """\
get_ipython().run_line_magic("llmtrace", "flush")
for a in mlflow.get_trace(trace_of_agent).info.assessments:
    print(a.name, a.value, a.rationale, "span" if a.span_id else "trace", a.source.source_type)"""

HOSTILE = '<img src=x onerror="alert(1)"> **no** thanks'


def thumb(details: Locator, direction: str) -> Locator:
    return details.get_by_role("button", name=f"Thumbs {direction}")


def test_a_thumb_and_a_comment_reach_the_store(notebook: Notebook, shot: Shot) -> None:
    notebook.write(ASKED, STORED, "mlflow.get_trace(trace_of_agent)")
    notebook.run(0)
    notebook.row(0, "litellm-completion").click()
    details = notebook.details(0, "litellm-completion")
    thumb(details, "down").click()
    expect(thumb(details, "down")).to_have_attribute("aria-pressed", "true")
    details.get_by_role("textbox", name="Comment").fill(HOSTILE)
    details.get_by_role("textbox", name="Comment").press("Enter")
    notebook.row(0, "agent").click()
    notebook.page.keyboard.press("u")  # by key, on the root: of the trace
    expect(thumb(notebook.details(0, "agent"), "up")).to_have_attribute("aria-pressed", "true")
    expect(notebook.view(0).locator("header")).to_contain_text(re.compile(r"1\s*Thumbs up\s*1\s*Thumbs down"))
    notebook.row(0, "litellm-completion").click()
    expect(details.get_by_role("textbox", name="Comment")).to_have_value(HOSTILE)
    shot(notebook.page, "given")

    notebook.run(1)
    expect(notebook.output(1)).to_contain_text(f"feedback False {HOSTILE} span HUMAN")
    expect(notebook.output(1)).to_contain_text("feedback True None trace HUMAN")
    notebook.run(2)  # the trace from the store brings what was said of it
    stored = notebook.cell(2).get_by_role("treegrid").get_by_role("row").filter(has_text="litellm-completion")
    stored.click()
    expect(thumb(notebook.details(2, "litellm-completion"), "down")).to_have_attribute("aria-pressed", "true")

    thumb(details, "down").click()  # taken back
    expect(thumb(details, "down")).to_have_attribute("aria-pressed", "false")
    notebook.run(1)
    expect(notebook.output(1)).not_to_contain_text("span HUMAN")


def test_what_is_said_stands_in_the_static_form_at_once_and_the_reader_stays_where_he_is(notebook: Notebook) -> None:
    notebook.write(ASKED)
    notebook.run(0)
    notebook.row(0, "agent").click()
    notebook.page.keyboard.press("u")
    notebook.page.wait_for_function(
        """name => {
            const app = window.jupyterapp;
            const panel = [...app.shell.widgets('main')].find(widget => widget.context?.path === name);
            return panel.content.model.cells.get(0).outputs.get(0).data['text/html'].includes('👍');
        }""",
        arg=notebook.name,
    )
    expect(notebook.row(0, "agent")).to_be_focused()
    expect(notebook.details(0, "agent")).to_be_visible()
    notebook.page.keyboard.press("ArrowDown")
    expect(notebook.row(0, "litellm-completion")).to_be_focused()
    assert "👍" in str(save(notebook)["cells"][0]["outputs"])


def test_a_kernel_gets_it_while_it_runs_a_cell(notebook: Notebook, shot: Shot) -> None:
    notebook.write(ASKED, "gate('busy')", STORED)
    notebook.run(0)
    notebook.start(1)
    notebook.row(0, "agent").click()
    details = notebook.details(0, "agent")
    thumb(details, "up").click()
    expect(thumb(details, "up")).to_have_attribute("aria-pressed", "true")
    expect(details.get_by_role("textbox", name="Comment")).to_be_visible()
    expect(notebook.view(0).locator("header")).to_contain_text("Thumbs up")
    expect(details.get_by_role("status")).to_have_text("")
    shot(notebook.page, "busy")
    notebook.running(1)
    notebook.lab.open_gate("busy")
    notebook.finished(1)
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("feedback True None trace HUMAN")


def test_an_exported_page_says_what_was_given_and_takes_nothing(browser: Browser, tmp_path: Path, shot: Shot) -> None:
    trace_id = "tr-" + "1" * 32
    span = Span("1" * 16, trace_id, None, "agent", 0, type="AGENT", end_ns=1_000_000, status="ok", inputs="q")
    given = [
        Feedback(trace_id, None, NAME, True, by="ann"),
        Feedback(trace_id, None, "relevance", 0.25, f"{HOSTILE} sk-proj-{'Ab1' * 12}", by="bob"),
    ]
    page = browser.new_page(viewport=WINDOW)
    page.goto(CellTrace.of([span], "3", given).save(tmp_path / "trace.html").as_uri())
    expect(page.locator("header")).to_contain_text(re.compile(r"1\s*Thumbs up"))
    page.get_by_role("row").and_(page.locator("[data-span-id]")).click()
    details = page.get_by_role("region", name="agent")
    expect(details).to_contain_text("feedback Thumbs up by ann")
    expect(details).to_contain_text(f"relevance 0.25 by bob: {HOSTILE} [redacted: API key]")
    expect(thumb(details, "up")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator("header")).to_contain_text(re.compile(r"1\s*Thumbs up"))
    shot(page, "page")
    page.close()


def test_a_kernel_that_does_not_answer_is_said_to_be_busy(browser: Browser, view_url: str) -> None:
    with opened(browser, view_url) as shown:
        shown.show("agent")
        shown.row("plan_trip.run").click()
        details = shown.page.get_by_role("region", name="plan_trip.run")
        thumb(details, "up").click()
        expect(thumb(details, "up")).to_have_attribute("aria-pressed", "true")
        expect(details.get_by_role("status")).to_have_text("Sent when the kernel is free; it is busy.")


def test_feedback_from_code_shows_at_once(notebook: Notebook) -> None:
    notebook.write(ASKED, "t = %llmtrace last\nt.feedback(0.9, 'well founded', name='relevance')")
    notebook.run(0)
    notebook.row(0, "agent").click()
    notebook.run(1)
    expect(notebook.details(0, "agent")).to_contain_text("relevance 0.9")
    expect(notebook.details(0, "agent")).to_contain_text("well founded")


def test_a_saved_view_shows_what_was_said_without_secrets(notebook: Notebook, browser: Browser, shot: Shot) -> None:
    notebook.write(ASKED)
    notebook.run(0)
    notebook.row(0, "agent").click()
    details = notebook.details(0, "agent")
    thumb(details, "up").click()
    details.get_by_role("textbox", name="Comment").fill("right, with sk-abc123def456ghi789jkl012")
    details.get_by_role("button", name="Save comment").click()
    expect(details.get_by_role("textbox", name="Comment")).to_have_value("right, with [redacted: API key]")
    save(notebook)
    assert "sk-abc123def456ghi789jkl012" not in path_of(notebook).read_text()

    shutil.copy(path_of(notebook), path_of(notebook).with_name("said.ipynb"))
    page = browser.new_page(viewport=WINDOW)
    again = Reopened(page, notebook.lab, "said.ipynb")
    expect(again.grid(0)).to_be_visible(timeout=START_MS)
    expect(again.view(0).locator("header")).to_contain_text(re.compile(r"1\s*Thumbs up"))
    again.row(0, "agent").click()
    expect(again.details(0, "agent")).to_contain_text("right, with [redacted: API key]")
    expect(thumb(again.details(0, "agent"), "up")).to_have_count(0)  # no kernel could take it
    shot(page, "opened-again")
    page.close()


def test_where_no_store_has_the_trace_none_can_be_given(notebook: Notebook) -> None:
    notebook.write(ASKED, "%llmtrace export agent.json\n%llmtrace show agent.json")
    notebook.run(0)
    notebook.run(1)
    notebook.row(0, "agent").click()
    expect(thumb(notebook.details(0, "agent"), "up")).to_be_visible()
    notebook.cell(1).get_by_role("treegrid").get_by_role("row").filter(has_text="agent").first.click()
    shown = notebook.details(1, "agent")
    expect(shown).to_be_visible()
    expect(thumb(shown, "up")).to_have_count(0)
    notebook.page.keyboard.press("u")
    expect(notebook.view(1).locator("header")).not_to_contain_text("Thumbs up")
