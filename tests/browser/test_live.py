"""What a trace shows while its cell runs, and which cells show one."""

from __future__ import annotations

import re
from collections.abc import Callable

from driver import Notebook
from playwright.sync_api import Page, expect

Shot = Callable[[Page, str], None]

AGENT = """\
@mlflow.trace(span_type="TOOL")
def search_flights(city):
    gate("flights")
    return {"flights": [{"price": 120}]}


@mlflow.trace(span_type="AGENT")
def plan(question):
    litellm.completion(MODEL, ask(question))
    search_flights("Lisbon")
    return litellm.completion(MODEL, ask("hello")).choices[0].message.content


print(plan("What is the capital of Portugal?"))"""

STREAM = """\
stream = litellm.completion(MODEL, ask("length:600"), stream=True, stream_options={"include_usage": True})
for number, chunk in enumerate(stream):
    if number == 8: gate("first")
    if number == 20: gate("second")"""


def test_spans_appear_while_their_cell_runs(notebook: Notebook, shot: Shot) -> None:
    notebook.write(AGENT)
    notebook.start(0)
    expect(notebook.row(0, "search_flights")).to_have_attribute("aria-busy", "true")
    shot(notebook.page, "running")
    expect(notebook.row(0, "plan")).to_have_attribute("aria-busy", "true")
    expect(notebook.rows(0)).to_have_count(3)
    expect(notebook.row(0, "litellm-completion")).to_have_attribute("data-status", "ok")
    expect(notebook.view(0)).to_contain_text("Running")
    notebook.running(0)
    notebook.lab.open_gate("flights")
    notebook.finished(0)
    expect(notebook.rows(0)).to_have_count(4)
    expect(notebook.grid(0).locator("[aria-busy]")).to_have_count(0)
    assert [row.get_attribute("aria-level") for row in notebook.rows(0).all()] == ["1", "2", "2", "2"]
    expect(notebook.view(0)).to_contain_text(re.compile(r"Done.*2 LLM calls"))
    expect(notebook.grid(0)).to_have_accessible_name(f"LLM trace, cell {notebook.prompt(0).inner_text().rstrip(':')}")


def test_a_call_shows_while_it_blocks_the_kernel(notebook: Notebook, shot: Shot) -> None:
    notebook.write("litellm.completion(MODEL, ask('slow:60 hello'))")
    notebook.start(0)
    expect(notebook.row(0, "litellm-completion")).to_have_attribute("aria-busy", "true")
    time = notebook.row(0, "litellm-completion").get_by_role("gridcell").nth(1)
    expect(time).to_have_text(re.compile(r"^[1-9]\.\d s …$"))  # it ticks
    shot(notebook.page, "blocked")
    notebook.running(0)
    notebook.interrupt()
    expect(notebook.row(0, "litellm-completion")).to_have_attribute("data-status", "error")
    expect(notebook.rows(0).and_(notebook.page.locator("[aria-busy]"))).to_have_count(0)


def test_the_text_of_a_stream_grows_in_the_details(notebook: Notebook, shot: Shot) -> None:
    notebook.write(STREAM)
    notebook.start(0)
    notebook.row(0, "litellm-completion").click()
    details = notebook.details(0, "litellm-completion")
    expect(details).to_contain_text("Every call leaves")
    shot(notebook.page, "first-words")
    notebook.running(0)
    before = len(details.inner_text())
    notebook.lab.open_gate("first")
    notebook.page.wait_for_function("([e, before]) => e.innerText.length > before + 20", arg=[details.element_handle(), before])
    shot(notebook.page, "more-words")
    notebook.running(0)
    notebook.lab.open_gate("second")
    notebook.finished(0)
    expect(details.get_by_role("tabpanel")).to_contain_text("first token")
    expect(notebook.row(0, "litellm-completion")).to_have_attribute("data-status", "ok")


def test_a_stream_that_stalls_stays_busy_with_what_it_brought(notebook: Notebook) -> None:
    notebook.write("for chunk in litellm.completion(MODEL, ask('length:200 stall:60'), stream=True): pass")
    notebook.start(0)
    notebook.row(0, "litellm-completion").click()
    expect(notebook.details(0, "litellm-completion")).to_contain_text("every span has a")
    expect(notebook.row(0, "litellm-completion")).to_have_attribute("aria-busy", "true")
    expect(notebook.row(0, "litellm-completion")).to_contain_text("streaming")
    notebook.running(0)
    notebook.interrupt()
    expect(notebook.row(0, "litellm-completion")).to_have_attribute("data-status", "error")
    expect(notebook.details(0, "litellm-completion")).to_contain_text("KeyboardInterrupt")


def test_running_a_cell_again_replaces_its_trace(notebook: Notebook) -> None:
    notebook.write("litellm.completion(MODEL, ask('hello'))")
    notebook.run(0)
    expect(notebook.rows(0)).to_have_count(1)
    first = notebook.rows(0).get_attribute("data-span-id")
    notebook.run(0)
    expect(notebook.rows(0).and_(notebook.page.locator(f"[data-span-id='{first}']"))).to_have_count(0)
    expect(notebook.rows(0)).to_have_count(1)
    expect(notebook.grid(0)).to_have_count(1)


def test_calls_of_several_tasks_are_rows_of_one_cell(notebook: Notebook) -> None:
    notebook.write(
        "import asyncio\nawait asyncio.gather(*[litellm.acompletion(MODEL, ask(f'hello {i}')) for i in range(5)])\nprint('all')"
    )
    notebook.run(0)
    expect(notebook.rows(0)).to_have_count(5)
    expect(notebook.view(0)).to_contain_text("5 LLM calls")


def test_an_error_of_the_cell_leaves_its_trace(notebook: Notebook, shot: Shot) -> None:
    notebook.write("litellm.completion('openai/fail:401', ask('hello'), max_retries=0)")
    notebook.run(0)
    expect(notebook.row(0, "litellm-completion")).to_have_attribute("data-status", "error")
    expect(notebook.view(0)).to_contain_text("1 error")
    expect(notebook.output(0)).to_contain_text("AuthenticationError")


def test_a_cell_without_spans_shows_nothing(notebook: Notebook) -> None:
    notebook.write("print('no call')", "litellm.completion(MODEL, ask('hello'))")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.grid(1)).to_be_visible()
    expect(notebook.output(0)).to_have_text("no call")
    expect(notebook.view(0)).to_have_count(0)


def test_off_shows_nothing_more(notebook: Notebook) -> None:
    notebook.write("%llmtrace off", "litellm.completion(MODEL, ask('hello'))\nprint('said')")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.output(1)).to_have_text("said")
    expect(notebook.page.get_by_role("treegrid")).to_have_count(0)


def test_one_cell_is_traced_by_the_cell_magic_and_the_next_is_not(notebook: Notebook) -> None:
    notebook.write(
        "%llmtrace off",
        "%%llmtrace\nlitellm.completion(MODEL, ask('hello'))\nprint('said')",
        "litellm.completion(MODEL, ask('hello'))\nprint('said')",
    )
    for index in range(3):
        notebook.run(index)
    expect(notebook.rows(1)).to_have_count(1)
    expect(notebook.output(2)).to_have_text("said")
    expect(notebook.page.get_by_role("treegrid")).to_have_count(1)
