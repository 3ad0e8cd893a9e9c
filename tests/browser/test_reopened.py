"""A saved notebook opened again: its traces are there, in JupyterLab and Notebook 7, trusted or not, whole or damaged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe import violations
from conftest import SETUP
from driver import START_MS, WINDOW, Notebook
from envelopes import kept as contents
from lab import Lab
from playwright.sync_api import Browser, Locator, Page, expect
from saved_file import FIRST, SECOND, WIDGET_MIME, Reopened, entries, kinds, path_of, put_cells, save, views

OF_NOTEBOOK_7 = ("(reading 'schema')", "Command 'filebrowser:open-path' not registered.")
"""Errors that Notebook 7 starts with, without any extension."""


@pytest.fixture
def open_again(browser: Browser, shot: Callable[[Page, str], None]) -> Iterator[Callable[..., Reopened]]:
    """Opens a notebook in a page of its own; no error may reach that page."""
    opened: list[Reopened] = []

    def open_again(lab: Lab, name: str, app: str = "lab/tree") -> Reopened:
        opened.append(Reopened(browser.new_page(viewport=WINDOW), lab, name, app))
        return opened[-1]

    yield open_again
    for notebook in opened:
        if not notebook.page.is_closed():
            shot(notebook.page, "reopened")
            notebook.page.close()
        assert [error for error in notebook.heard.errors if not error.endswith(OF_NOTEBOOK_7)] == []


@pytest.fixture(scope="module")
def kept(opened: Notebook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Path]]:
    """A saved notebook of two traces, on a server of the same user that has run nothing."""
    put_cells(opened, "%llmtrace on", FIRST, SECOND)
    opened.page.evaluate(
        """name => {
            const app = window.jupyterapp;
            const panel = [...app.shell.widgets('main')].find(widget => widget.context?.path === name);
            panel.content.model.sharedModel.deleteCell(0);
        }""",
        opened.name,
    )
    save(opened)
    directory = tmp_path_factory.mktemp("kept") / "notebooks"
    directory.mkdir()
    shutil.copy(path_of(opened), directory / "kept.ipynb")
    # A user's signatures of what he ran are in his data directory.
    shutil.copytree(data_of(opened.lab.directory), data_of(directory))
    lab = Lab(directory)
    try:
        lab.start()
        yield lab, directory / "kept.ipynb"
    finally:
        lab.stop()


def data_of(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}-home") / "data"


@pytest.mark.parametrize("app", ["lab/tree", "notebooks"])
def test_a_notebook_opened_again_shows_its_traces_and_says_what_needs_a_kernel(
    app: str, kept: tuple[Lab, Path], open_again: Callable[..., Reopened], shot: Callable[[Page, str], None]
):
    lab, path = kept
    notebook = open_again(lab, path.name, app)
    expect(notebook.grid(0)).to_be_visible(timeout=START_MS)
    expect(notebook.rows(1)).to_have_count(2)
    notebook.rows(1).nth(1).click()
    region = notebook.cell(1).get_by_role("region").last
    expect(region).to_contain_text("PROMPT-TWO")
    expect(region).to_contain_text("REPLY-TWO")
    expect(notebook.cell(1)).to_contain_text("Not connected: saved view")
    notebook.rows(1).nth(1).press("/")
    search = notebook.cell(1).get_by_role("searchbox", name="Search spans")
    search.fill("reply-two")
    search.press("Enter")
    expect(notebook.cell(1).get_by_role("search")).to_contain_text(
        "2 spans with it in messages, inputs or outputs; in what is saved here"
    )
    shot(notebook.page, "searched")


def test_opening_again_changes_nothing_in_the_file(kept: tuple[Lab, Path], open_again: Callable[..., Reopened]):
    lab, path = kept
    before = json.loads(path.read_text())
    notebook = open_again(lab, path.name)
    expect(notebook.grid(1)).to_be_visible(timeout=START_MS)
    assert save(notebook)["metadata"]["widgets"] == before["metadata"]["widgets"]


def test_a_view_that_jupyter_drew_before_its_model_was_there_is_drawn_again(
    kept: tuple[Lab, Path], open_again: Callable[..., Reopened]
):
    lab, path = kept
    notebook = open_again(lab, path.name)
    expect(notebook.grid(1)).to_be_visible(timeout=START_MS)
    notebook.ready()
    # It may be drawn again right after this, too: it looks once the page has come to rest.
    left = notebook.output(1).evaluate(
        """output => {
            output.querySelector('.jp-OutputArea-output').textContent = 'Error displaying widget: model not found';
            return output.querySelectorAll('[role="treegrid"]').length;
        }"""
    )
    assert left == 0
    notebook.editor(0).click()
    notebook.execute("notebook:delete-cell")
    notebook.execute("notebook:undo-cell-action")
    expect(notebook.grid(1)).to_be_visible()
    expect(notebook.grid(0)).to_be_visible()


def test_clearing_without_the_kernel_that_made_it_works_too(kept: tuple[Lab, Path], open_again: Callable[..., Reopened]):
    lab, path = kept
    shutil.copy(path, path.with_name("clear.ipynb"))
    notebook = open_again(lab, "clear.ipynb")
    expect(notebook.grid(0)).to_be_visible(timeout=START_MS)
    notebook.editor(0).click()
    notebook.execute("notebook:clear-cell-output")
    assert len(views(save(notebook))) == 1


def test_going_on_in_a_notebook_opened_again_saves_the_bundle_once(kept: tuple[Lab, Path], open_again: Callable[..., Reopened]):
    lab, path = kept
    shutil.copy(path, path.with_name("go-on.ipynb"))
    notebook = open_again(lab, "go-on.ipynb")
    expect(notebook.grid(1)).to_be_visible(timeout=START_MS)
    notebook.ready()
    notebook.page.evaluate(
        """([name, source]) => {
            const app = window.jupyterapp;
            const model = [...app.shell.widgets('main')].find(widget => widget.context?.path === name).content.model;
            model.sharedModel.insertCell(2, {cell_type: 'code', source, metadata: {trusted: true}});
        }""",
        ["go-on.ipynb", f"{SETUP}\n%llmtrace on\n{FIRST}"],
    )
    notebook.run(2)
    expect(notebook.grid(2)).to_be_visible()
    expect(notebook.rows(1)).to_have_count(2)
    file = save(notebook)
    assert kinds(file).count("TraceView") == 3
    assert kinds(file).count("App") == 1


def test_two_windows_on_one_notebook_do_each_other_no_harm(kept: tuple[Lab, Path], open_again: Callable[..., Reopened]):
    lab, path = kept
    shutil.copy(path, path.with_name("two.ipynb"))
    one, other = open_again(lab, "two.ipynb"), open_again(lab, "two.ipynb")
    for notebook in (one, other):
        expect(notebook.grid(1)).to_be_visible(timeout=START_MS)
    one.editor(0).click()
    one.execute("notebook:clear-cell-output")
    text = json.dumps(save(one)["metadata"])
    assert len(views(json.loads(path.with_name("two.ipynb").read_text()))) == 1
    assert "PROMPT-ONE" not in text
    expect(other.grid(0)).to_be_visible()
    expect(other.grid(1)).to_be_visible()


@pytest.mark.slow
def test_with_no_kernel_at_all_jupyter_restores_no_widget(kept: tuple[Lab, Path], open_again: Callable[..., Reopened]):
    # jupyterlab_widgets 3.0.17 reads the notebook's widgets only after the kernel's ("Kernel not set"). The day it does
    # without, this fails, and the README's sentence can go.
    notebook = open_again(*damaged(kept, with_a_kernel_that_is_not_here))
    notebook.page.get_by_role("dialog").get_by_role("button", name="No Kernel").click(timeout=START_MS)
    expect(notebook.output(1)).to_contain_text("Loading widget")


def test_a_duplicate_has_traces_of_its_own(kept: tuple[Lab, Path], open_again: Callable[..., Reopened]):
    lab, path = kept
    original = open_again(lab, path.name)
    expect(original.grid(1)).to_be_visible(timeout=START_MS)
    original.page.get_by_role("listitem", name=path.name).first.click(button="right")
    original.page.get_by_role("menuitem", name="Duplicate").click()
    name = f"{path.stem}-Copy1.ipynb"
    expect(original.page.get_by_role("listitem", name=name)).to_be_visible()
    before = json.loads(path.read_text())
    copy = open_again(lab, name)
    expect(copy.grid(0)).to_be_visible(timeout=START_MS)
    expect(copy.rows(1)).to_have_count(2)
    copy.editor(0).click()
    copy.execute("notebook:clear-cell-output")
    assert len(views(save(copy))) == 1
    assert json.loads(path.read_text()) == before
    expect(original.grid(0)).to_be_visible()


@pytest.fixture
def stranger(kept: tuple[Lab, Path], tmp_path: Path) -> Iterator[Lab]:
    """Another user's server, on a copy of the notebook."""
    _, path = kept
    lab = Lab(tmp_path / "notebooks")
    lab.directory.mkdir()
    shutil.copy(path, lab.directory)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


def test_who_does_not_trust_the_notebook_sees_the_static_form_until_it_is_trusted(
    stranger: Lab, open_again: Callable[..., Reopened]
):
    notebook = open_again(stranger, "kept.ipynb")
    expect(notebook.output(1)).to_contain_text("LLM trace, cell [", timeout=START_MS)
    expect(notebook.output(1)).to_contain_text("AGENT-TWO")
    expect(notebook.page.get_by_role("treegrid")).to_have_count(0)
    notebook.page.close()
    trust(stranger, "kept.ipynb")
    notebook = open_again(stranger, "kept.ipynb")
    expect(notebook.grid(1)).to_be_visible(timeout=START_MS)


@pytest.mark.parametrize("theme", [pytest.param("JupyterLab Light", marks=pytest.mark.slow), "JupyterLab Dark"])
def test_jupyters_sanitizer_leaves_the_static_form_a_tree_that_can_be_read_in_any_theme(
    theme: str, stranger: Lab, open_again: Callable[..., Reopened], shot: Callable[[Page, str], None]
):
    notebook = open_again(stranger, "kept.ipynb")
    static = notebook.output(1).locator("details").first
    expect(static).to_contain_text("LLM trace, cell [", timeout=START_MS)
    notebook.theme(theme)
    agent, call = (static.locator("summary", has_text=name) for name in ("AGENT-TWO", "gpt-4o-mini"))
    assert left_px(static.locator("summary").first) < left_px(agent) < left_px(call)
    expect(static.get_by_text("PROMPT-TWO")).not_to_be_visible()
    call.click()
    static.locator("summary", has_text="user").click()
    expect(static.locator("pre").filter(visible=True)).to_have_text("PROMPT-TWO echo:REPLY-TWO")
    shot(notebook.page, "static")
    assert [found for found in violations(static) if found["rule"] == "color-contrast"] == []


def left_px(summary: Locator) -> float:
    box = summary.bounding_box()
    assert box is not None
    return box["x"]


def trust(lab: Lab, name: str) -> None:
    trusted = subprocess.run(
        [sys.executable, "-m", "jupyter", "trust", name], cwd=lab.directory, env=lab.environment(), capture_output=True
    )
    assert trusted.returncode == 0, trusted.stderr


def with_a_kernel_that_is_not_here(file: dict[str, Any]) -> None:
    file["metadata"]["kernelspec"] = {"name": "not-here", "display_name": "Not here", "language": "not-here"}
    del file["metadata"]["language_info"]


TWICE = " again"


def damage(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    file = json.loads(path.read_text())
    change(file)
    path.write_text(json.dumps(file).replace(f'{TWICE}":', '":'))


def without_app(file: dict[str, Any]) -> None:
    state = entries(file)
    for model_id in [id for id, entry in state.items() if entry["state"].get("_anywidget_id", "").endswith(".App")]:
        del state[model_id]


def with_cut_buffer(file: dict[str, Any]) -> None:
    for view in views(file):
        view["state"]["snapshot"] = {"v": 2, "deflate": None}
        view["buffers"] = [{"data": "eJwDAAA=", "path": ["snapshot", "deflate"], "encoding": "base64"}]


def of_a_newer_version(file: dict[str, Any]) -> None:
    for view in views(file):
        view["state"]["snapshot"] = {"v": 99, "json": '{"v": 99}'}
        view.pop("buffers", None)


def keep_as_text(view: dict[str, Any], change: Callable[[str], str]) -> None:
    """What is kept of a view in another of its forms: JSON, here after ``change``."""
    head = {name: value for name, value in contents(view).items() if name != "details"}
    text = "\n".join([json.dumps(head), *contents(view)["details"]])
    view["state"]["snapshot"] = {"v": head["v"], "json": change(text)}
    view.pop("buffers", None)


def edited_by_hand(file: dict[str, Any]) -> None:
    for view in views(file):
        span_id = contents(view)["rows"]["id"][0]
        keep_as_text(view, lambda text, span_id=span_id: text.replace(f'"{span_id}"', "null", 1))


def shown_view(cell: dict[str, Any]) -> dict[str, Any]:
    """The output of a cell that is its view."""
    (shown,) = [output for output in cell["outputs"] if WIDGET_MIME in output.get("data", {})]
    return shown


def conflict(ours: str, theirs: str) -> str:
    """What git leaves where two branches have changed the same lines."""
    return f"<<<<<<< HEAD\n{ours}\n=======\n{theirs}\n>>>>>>> theirs\n"


def with_a_conflict_in_the_state(file: dict[str, Any]) -> None:
    for view in views(file):
        keep_as_text(view, lambda text: conflict(text, text))


def with_a_conflict_in_deflated_state(file: dict[str, Any]) -> None:
    for view in views(file):
        text = b64encode(zlib.compress(view["state"]["snapshot"]["json"].encode())).decode()
        view["state"]["snapshot"] = {"v": 2, "deflate": conflict(text, text[:-1])}


def with_doubled_keys(file: dict[str, Any]) -> None:
    """Of which JSON knows the last one."""
    ours, theirs = (entries(file)[shown["data"][WIDGET_MIME]["model_id"]] for shown in map(shown_view, file["cells"]))
    for view in (ours, theirs):
        keep_as_text(view, lambda text: text)
    ours["state"]["snapshot" + TWICE] = theirs["state"]["snapshot"]


def with_the_outputs_of_both_branches(file: dict[str, Any]) -> None:
    """And the state of one's alone, whether those of the other were first or last."""
    for cell, at in zip(file["cells"], (0, 1), strict=True):
        shown = shown_view(cell)
        theirs = json.loads(json.dumps(shown))
        theirs["data"][WIDGET_MIME]["model_id"] = "f" * 32
        cell["outputs"].insert(cell["outputs"].index(shown) + at, theirs)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without_app, "what the notebook keeps of it is damaged"),
        (with_cut_buffer, "what the notebook keeps of it is damaged"),
        (of_a_newer_version, "newer form"),
        (edited_by_hand, "what the notebook keeps of it is damaged"),
        (with_a_conflict_in_the_state, "what the notebook keeps of it is damaged"),
        (with_a_conflict_in_deflated_state, "what the notebook keeps of it is damaged"),
        (with_doubled_keys, "AGENT-TWO"),
    ],
)
def test_damaged_state_gives_a_plain_sentence(
    change: Callable[[dict[str, Any]], None],
    sentence: str,
    kept: tuple[Lab, Path],
    open_again: Callable[..., Reopened],
):
    notebook = open_again(*damaged(kept, change))
    expect(notebook.output(0)).to_contain_text(sentence, timeout=START_MS)


@pytest.mark.slow
def test_outputs_that_a_merge_left_without_state_show_their_static_form_beside_the_others(
    kept: tuple[Lab, Path], open_again: Callable[..., Reopened], shot: Callable[[Page, str], None]
):
    notebook = open_again(*damaged(kept, with_the_outputs_of_both_branches))
    for cell, prompt in ((0, "PROMPT-ONE"), (1, "PROMPT-TWO")):
        static = notebook.output(cell).locator("details").first
        expect(static).to_contain_text("LLM trace, cell [", timeout=START_MS)
        expect(static).to_contain_text(prompt)
        expect(notebook.grid(cell)).to_have_count(1)
    expect(notebook.page.locator(".jp-Notebook")).not_to_contain_text("model not found")
    shot(notebook.page, "static")
    assert len(views(save(notebook))) == 2


def damaged(kept: tuple[Lab, Path], change: Callable[[dict[str, Any]], None]) -> tuple[Lab, str]:
    """A copy of the notebook after the change, trusted as what one has merged oneself."""
    lab, path = kept
    name = f"{change.__name__}.ipynb"
    shutil.copy(path, path.with_name(name))
    damage(path.with_name(name), change)
    trust(lab, name)
    return lab, name
