"""Traces out of MLflow's store, in the same view."""

from __future__ import annotations

import re
from collections.abc import Callable

from driver import Notebook
from playwright.sync_api import Page, expect

Shot = Callable[[Page, str], None]

MADE = """\
with mlflow.start_span("earlier question", span_type="AGENT") as earlier:
    litellm.completion(MODEL, ask("What is the capital of Portugal?"))
mlflow.flush_trace_async_logging()"""

BY_CELL = """\
found = mlflow.search_traces(filter_string=f"tags.`notebook.cell_id` = '{cell}'")
print(len(found), "trace of this cell")"""

FOUND = "mlflow.search_traces(filter_string=f\"trace.request_id = '{earlier.trace_id}'\")"


def test_a_trace_from_the_store_as_last_value_has_a_view_with_its_details(notebook: Notebook, shot: Shot) -> None:
    notebook.write(MADE, FOUND, "mlflow.get_trace(earlier.trace_id)")
    for cell in range(3):
        notebook.run(cell)
    frame = notebook.cell(1).get_by_role("treegrid", name="LLM trace, cell [1 trace]")
    expect(frame.get_by_role("row", name=re.compile("earlier question"))).to_be_visible()
    trace = notebook.cell(2).get_by_role("treegrid", name=re.compile(r"^LLM trace, cell \[tr-[0-9a-f]{32}\]$"))
    trace.get_by_role("row", name=re.compile("litellm-completion")).click()
    expect(notebook.details(2, "litellm-completion")).to_contain_text("What is the capital of Portugal?")
    shot(notebook.page, "opened")


def test_a_trace_is_found_by_the_id_of_its_cell(notebook: Notebook) -> None:
    notebook.write(f"{MADE}\ncell = get_ipython().kernel.get_parent()['metadata']['cellId']", BY_CELL)
    notebook.run(0)
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("1 trace of this cell")
