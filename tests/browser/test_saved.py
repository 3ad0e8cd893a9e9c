"""The notebook keeps its traces: in JupyterLab and Notebook 7 as they are installed, saved, closed and opened again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import SETUP
from driver import START_MS, WINDOW, Notebook
from lab import Lab
from playwright.sync_api import Browser, Page, expect
from saved_file import WIDGET_MIME, Reopened, entries, kinds, path_of, put_cells, save, views

FIRST = "print(litellm.completion(MODEL, ask('PROMPT-ONE echo:REPLY-ONE')).choices[0].message.content)"
SECOND = """\
@mlflow.trace(name='AGENT-TWO')
def agent():
    return litellm.completion(MODEL, ask('PROMPT-TWO echo:REPLY-TWO')).choices[0].message.content


print(agent())"""
OTHERS = "import ipywidgets\nipywidgets.IntSlider(description='OTHERS')"


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


def test_saving_keeps_the_views_one_bundle_and_nothing_else(notebook: Notebook):
    put_cells(notebook, FIRST, SECOND)
    file = save(notebook)
    assert kinds(file) == ["App", "LayoutModel", "TraceView", "TraceView"]
    assert all("buffers" in view or "plain" in view["state"]["snapshot"] for view in views(file))
    nbformat.validate(file)


def test_a_cleared_output_leaves_nothing_in_a_file_saved_at_once(notebook: Notebook):
    put_cells(notebook, FIRST, SECOND)
    before = save(notebook)
    ids = [
        output["data"][WIDGET_MIME]["model_id"]
        for output in before["cells"][0]["outputs"]
        if WIDGET_MIME in output.get("data", {})
    ]
    notebook.editor(0).click()
    notebook.execute("notebook:clear-cell-output")
    file = json.dumps(save(notebook)["metadata"]) + json.dumps(save(notebook)["cells"][0]["outputs"])
    assert ids
    assert not [word for word in [*ids, "PROMPT-ONE", "REPLY-ONE"] if word in file]
    assert kinds(save(notebook)) == ["App", "LayoutModel", "TraceView"]


def test_a_deleted_cell_leaves_nothing_in_the_file(notebook: Notebook):
    put_cells(notebook, FIRST, SECOND)
    save(notebook)
    notebook.editor(1).click()
    notebook.execute("notebook:delete-cell")
    text = json.dumps(save(notebook))
    assert "AGENT-TWO" not in text
    assert kinds(json.loads(text)) == ["App", "LayoutModel", "TraceView"]


def test_clearing_all_outputs_leaves_no_widget_state_at_all(notebook: Notebook):
    put_cells(notebook, FIRST, SECOND)
    save(notebook)
    notebook.execute("notebook:clear-all-cell-outputs")
    assert "widgets" not in save(notebook)["metadata"]


def test_a_rerun_takes_the_place_of_the_run_before(notebook: Notebook):
    put_cells(notebook, FIRST)
    save(notebook)
    size = path_of(notebook).stat().st_size
    for _ in range(3):
        notebook.run(0)
    assert len(views(save(notebook))) == 1
    assert abs(path_of(notebook).stat().st_size - size) < 200


def test_other_libraries_widgets_are_left_as_they_are(notebook: Notebook):
    put_cells(notebook, FIRST, OTHERS)
    notebook.page.evaluate(
        """name => {
            const app = window.jupyterapp;
            const model = [...app.shell.widgets('main')].find(widget => widget.context?.path === name).context.model;
            const widgets = structuredClone(model.getMetadata('widgets'));
            widgets['application/vnd.jupyter.widget-state+json'].state['f'.repeat(32)] = {
                model_name: 'LayoutModel', model_module: '@jupyter-widgets/base', model_module_version: '2.0.0', state: {},
            };
            model.setMetadata('widgets', widgets);
        }""",
        notebook.name,
    )
    notebook.editor(0).click()
    notebook.execute("notebook:clear-cell-output")
    assert list(entries(save(notebook))) == ["f" * 32]


def test_jupyters_own_setting_to_save_widgets_saves_no_cleared_view(notebook: Notebook):
    notebook.page.evaluate(
        """() => window.jupyterapp.serviceManager.settings.save(
            '@jupyter-widgets/jupyterlab-manager:plugin', '{"saveState": true}')"""
    )
    save(notebook)  # else the page asks whether it may be left
    notebook.page.reload()
    notebook.ready()
    put_cells(notebook, FIRST, SECOND, OTHERS)
    expect(notebook.output(2)).to_contain_text("OTHERS")
    notebook.editor(0).click()
    notebook.execute("notebook:clear-cell-output")
    file = save(notebook)
    assert len(views(file)) == 1
    assert "IntSliderModel" in kinds(file)
    notebook.page.evaluate(
        "() => window.jupyterapp.serviceManager.settings.save('@jupyter-widgets/jupyterlab-manager:plugin', '{}')"
    )
    notebook.page.reload()
    notebook.ready()


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


def test_a_notebook_opened_again_shows_its_traces_and_says_what_needs_a_kernel(
    kept: tuple[Lab, Path], open_again: Callable[..., Reopened]
):
    lab, path = kept
    notebook = open_again(lab, path.name)
    expect(notebook.grid(0)).to_be_visible(timeout=START_MS)
    expect(notebook.rows(1)).to_have_count(2)
    notebook.rows(1).nth(1).click()
    region = notebook.cell(1).get_by_role("region").last
    expect(region).to_contain_text("PROMPT-TWO")
    expect(region).to_contain_text("REPLY-TWO")
    expect(notebook.cell(1)).to_contain_text("no kernel behind it")


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
    notebook.output(1).locator(".jp-OutputArea-output").first.evaluate(
        "node => { node.textContent = 'Error displaying widget: model not found'; }"
    )
    expect(notebook.grid(1)).to_have_count(0)
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


def test_notebook_7_shows_it_too(kept: tuple[Lab, Path], open_again: Callable[..., Reopened]):
    lab, path = kept
    notebook = open_again(lab, path.name, "notebooks")
    expect(notebook.grid(0)).to_be_visible(timeout=START_MS)
    expect(notebook.rows(1)).to_have_count(2)


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
    trusted = subprocess.run(
        [sys.executable, "-m", "jupyter", "trust", "kept.ipynb"],
        cwd=stranger.directory,
        env=stranger.environment(),
        capture_output=True,
    )
    assert trusted.returncode == 0, trusted.stderr
    notebook = open_again(stranger, "kept.ipynb")
    expect(notebook.grid(1)).to_be_visible(timeout=START_MS)


def damage(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    file = json.loads(path.read_text())
    change(file)
    path.write_text(json.dumps(file))


def without_app(file: dict[str, Any]) -> None:
    state = entries(file)
    for model_id in [id for id, entry in state.items() if entry["state"].get("_anywidget_id", "").endswith(".App")]:
        del state[model_id]


def with_cut_buffer(file: dict[str, Any]) -> None:
    for view in views(file):
        view["state"]["snapshot"] = {"v": 1, "deflate": None}
        view["buffers"] = [{"data": "eJwDAAA=", "path": ["snapshot", "deflate"], "encoding": "base64"}]


def of_a_newer_version(file: dict[str, Any]) -> None:
    for view in views(file):
        view["state"]["snapshot"] = {"v": 99, "plain": {"v": 99}}
        view.pop("buffers", None)


def edited_by_hand(file: dict[str, Any]) -> None:
    for view in views(file):
        view["state"]["snapshot"] = {"v": 1, "plain": {"v": 1, "seq": "x", "spans": [{"row": None}], "notes": 3}}
        view.pop("buffers", None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without_app, "what the notebook keeps of it is damaged"),
        (with_cut_buffer, "could not be shown"),
        (of_a_newer_version, "newer form"),
        (edited_by_hand, "could not be shown"),
    ],
)
def test_damaged_state_gives_a_plain_sentence(
    change: Callable[[dict[str, Any]], None],
    sentence: str,
    kept: tuple[Lab, Path],
    open_again: Callable[..., Reopened],
):
    lab, path = kept
    name = f"{change.__name__}.ipynb"
    shutil.copy(path, path.with_name(name))
    damage(path.with_name(name), change)
    subprocess.run(
        [sys.executable, "-m", "jupyter", "trust", name],
        cwd=lab.directory,
        env=lab.environment(),
        check=True,
        capture_output=True,
    )
    notebook = open_again(lab, name)
    expect(notebook.output(0)).to_contain_text(sentence, timeout=START_MS)
