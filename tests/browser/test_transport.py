"""What is between the kernel and the view: a page that is reloaded during a run."""

from __future__ import annotations

from collections.abc import Callable

from driver import START_MS, Notebook
from playwright.sync_api import Page, expect

Shot = Callable[[Page, str], None]

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


def shown(notebook: Notebook) -> list[tuple[str | None, ...]]:
    """All that the rows of the first cell say."""
    said = ("data-status", "aria-level", "aria-posinset", "aria-setsize")
    return [(row.locator(".lt-name").inner_text(), *map(row.get_attribute, said)) for row in notebook.rows(0).all()]


def test_a_page_that_is_reloaded_during_a_run_shows_what_one_that_stayed_does(notebook: Notebook, shot: Shot) -> None:
    notebook.write(STEPS)
    notebook.start(0)
    expect(notebook.rows(0)).to_have_count(2)
    notebook.execute("docmanager:save")
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
