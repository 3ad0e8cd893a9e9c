"""What JupyterLab, as it is installed, saves of a notebook with traces: all that it shows, and nothing that was cleared."""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
import pytest
from driver import Notebook
from envelopes import kept
from playwright.sync_api import expect
from saved_file import FIRST, SECOND, WIDGET_MIME, entries, kinds, path_of, put_cells, save, views

UNWRITTEN = """\
word = '-'.join
text = f"{{word(['PROMPT', '{0}'])}} echo:{{word(['REPLY', '{0}'])}}"
litellm.completion(MODEL, ask(text)); None"""
"""A cell whose source says neither what it asks nor what it gets."""

OTHERS = "import ipywidgets\nipywidgets.IntSlider(description='OTHERS')"


def everything(file: dict[str, Any]) -> str:
    """All that the file says, also what is deflated in it."""
    return json.dumps(file) + json.dumps([kept(view) for view in views(file)])


def ids(file: dict[str, Any], cell: int) -> list[str]:
    """The ids of a cell's view and of the spans and traces in it."""
    (model_id,) = [output["data"][WIDGET_MIME]["model_id"] for output in file["cells"][cell]["outputs"] if "data" in output]
    model = entries(file)[model_id]
    found = kept(model)
    return [model_id, model["state"]["view_id"], *found["rows"]["id"], *re.findall("tr-[0-9a-f]{32}", json.dumps(found))]


def test_saving_keeps_the_views_one_bundle_and_nothing_else(notebook: Notebook):
    put_cells(notebook, FIRST, SECOND)
    file = save(notebook)
    assert kinds(file) == ["App", "LayoutModel", "TraceView", "TraceView"]
    assert all(view["state"]["snapshot"].keys() & {"json", "deflate"} for view in views(file))
    nbformat.validate(file)


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("notebook:clear-cell-output", 1),
        ("notebook:delete-cell", 1),
        pytest.param("notebook:cut-cell", 1, marks=pytest.mark.slow),
        ("notebook:clear-all-cell-outputs", 0),
    ],
)
def test_what_was_cleared_is_nowhere_in_a_file_that_is_saved_at_once(notebook: Notebook, command: str, left: int):
    put_cells(notebook, UNWRITTEN.format("ONE"), UNWRITTEN.format("TWO"))
    words = ["PROMPT-ONE", "REPLY-ONE", *ids(save(notebook), 0)]
    before = everything(json.loads(path_of(notebook).read_text()))
    assert [word for word in words if word not in before] == []
    notebook.editor(0).click()
    notebook.execute(command)
    file = save(notebook)
    assert [word for word in words if word in everything(file)] == []
    assert len(views(file)) == left
    assert ("PROMPT-TWO" in everything(file)) == bool(left)
    assert kinds(file) == (["App", "LayoutModel", "TraceView"] if left else [])
    assert ("widgets" in file["metadata"]) == bool(left)


def test_what_was_said_and_shown_again_of_a_trace_goes_with_the_outputs_it_is_in(notebook: Notebook):
    said = "t = %llmtrace last\nt.feedback(True, '-'.join(['COMMENT', 'ONE']))"
    stored = "%llmtrace flush\nmlflow.get_trace(t.traces[0])"
    put_cells(notebook, UNWRITTEN.format("ONE"), said, "%llmtrace show -1", stored, UNWRITTEN.format("TWO"))
    file = save(notebook)
    (trace,) = {id for cell in (0, 2, 3) for id in ids(file, cell) if id.startswith("tr-")}
    words = ["PROMPT-ONE", "REPLY-ONE", "COMMENT-ONE", trace]
    for form in (file["cells"][0]["outputs"], file["cells"][2]["outputs"], [kept(view) for view in views(file)]):
        assert [word for word in words if word not in json.dumps([form, file["metadata"]])] == []
    for cell in (0, 2, 3):
        notebook.editor(cell).click()
        notebook.execute("notebook:clear-cell-output")
    file = save(notebook)
    assert [word for word in words if word in everything(file)] == []
    assert "PROMPT-TWO" in everything(file)


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


def test_details_that_the_notebook_has_no_room_for_stay_in_the_page_and_come_from_the_kernel(notebook: Notebook):
    notebook.write(
        """\
%llmtrace on --max-saved 16kB
import random
with mlflow.start_span("root"):
    for number in range(60):
        with mlflow.start_span(f"step {number}") as span:
            span.set_inputs({"number": f"number-{number}-{random.randbytes(150).hex()}"})
print("ended")"""
    )
    notebook.run(0)
    expect(notebook.view(0)).to_contain_text("are not kept in this notebook")
    notebook.grid(0).evaluate("grid => { grid.scrollTop = 0 }")
    notebook.row(0, "step 5").click()
    expect(notebook.details(0, "step 5")).to_contain_text("number-5-")
    file = save(notebook)
    assert len(json.dumps(views(file))) < 16_000
    notebook.page.reload()
    notebook.ready()
    # The last detail is the first to be left out.
    notebook.rows(0).first.click()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.press("Enter")
    expect(notebook.details(0, "step 59")).to_contain_text("number-59-")
