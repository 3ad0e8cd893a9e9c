"""What is between the kernel and the view: a page that is reloaded during a run, and a burst of spans."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from driver import START_MS, Notebook
from playwright.sync_api import Page, expect
from saved_file import save

Shot = Callable[[Page, str], None]

BURST_MS = 400_000
"""What MLflow may take for twenty thousand spans on a slow machine."""

STEPS = """\
@mlflow.trace
def step(name):
    return name


@mlflow.trace
def steps():
    step("a")
    gate("reloaded")
    litellm.completion(MODEL, ask("echo:MEANWHILE"))
    step("b")


steps()"""

BURST = """\
@mlflow.trace
def step(number): pass


@mlflow.trace
def steps():
    for number in range(SPANS):
        step(number)
        if number % 100 == 0: print("print", number)


steps()"""


def shown(notebook: Notebook) -> list[tuple[str | None, ...]]:
    """All that the rows of the first cell say."""
    said = ("data-status", "aria-level", "aria-posinset", "aria-setsize")
    # The first title is the icon's, the second the name's.
    return [
        (row.locator("[title]").nth(1).get_attribute("title"), *map(row.get_attribute, said)) for row in notebook.rows(0).all()
    ]


@pytest.mark.slow
def test_a_page_that_is_reloaded_during_a_run_shows_what_one_that_stayed_does(notebook: Notebook, shot: Shot) -> None:
    notebook.write(STEPS)
    notebook.start(0)
    expect(notebook.rows(0)).to_have_count(2)
    save(notebook)
    notebook.page.reload()
    # JupyterLab asks a kernel for its widgets when that is idle: until then it says that it loads one.
    expect(notebook.output(0)).to_contain_text("Loading widget", timeout=START_MS)
    notebook.lab.open_gate("reloaded")
    expect(notebook.rows(0)).to_have_count(4, timeout=START_MS)
    expect(notebook.view(0)).to_contain_text("Done")
    shot(notebook.page, "reloaded")
    assert shown(notebook) == [
        ("steps", "ok", "1", "1", "1"),
        ("step", "ok", "2", "1", "3"),
        ("litellm-completion", "ok", "2", "2", "3"),
        ("step", "ok", "2", "3", "3"),
    ]
    notebook.row(0, "litellm-completion").click()
    expect(notebook.details(0, "litellm-completion")).to_contain_text("MEANWHILE")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_twenty_thousand_spans_at_once_cost_no_print(notebook: Notebook) -> None:
    notebook.write(BURST.replace("SPANS", "20_000"))
    notebook.start(0)
    expect(notebook.prompt(0)).to_have_text(re.compile(r"\[\d+\]:"), timeout=BURST_MS)
    expect(notebook.view(0)).to_contain_text("Done", timeout=START_MS)
    # How many there were when they were drawn first decides whether their row stands open.
    notebook.rows(0).first.focus()
    notebook.page.keyboard.press("]")
    expect(notebook.rows(0).last).to_have_attribute("aria-setsize", "20000")
    printed = notebook.output(0).locator(".jp-OutputArea-output pre").all_inner_texts()
    assert "".join(printed).split() == [word for number in range(0, 20_000, 100) for word in ("print", str(number))]
