"""What a trace in the store says of its cell, in a real kernel, and how it is found by that."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from kernel import Kernel, kernel

from ipy_llmtrace import demo

pytestmark = pytest.mark.notebook

NAME = "trips.ipynb"
CALL = "litellm.completion(MODEL, [{'role': 'user', 'content': 'hello'}]);"
MANY = f"""\
import asyncio, threading
{CALL}
@mlflow.trace
def own(): return 1
own()
thread = threading.Thread(target=own); thread.start(); thread.join()
@mlflow.trace
async def later():
    await asyncio.sleep(0)
    own()
await asyncio.gather(later(), later())"""
SET_BY_THE_USER = """\
with mlflow.start_span("mine"):
    mlflow.update_current_trace(session_id="my session", user="me", tags={"notebook.name": "my name"})"""


@pytest.fixture(scope="module")
def traced(server: demo.DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel as Jupyter starts one for a notebook, tracing on."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_"))}
    ours = {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": server.url, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    more = {"MLFLOW_DISABLE_TELEMETRY": "true", "JPY_SESSION_NAME": f"work/{NAME}", "SERVICE_TOKEN": "opaque-and-long"}
    with kernel(tmp_path_factory.mktemp("labels"), inherited | ours | more) as started:
        started.run(f"import json, litellm, mlflow\nMODEL = {server.model!r}\n%load_ext ipy_llmtrace\n%llmtrace on")
        yield started


def stored(kernel: Kernel, filter_string: str) -> list[dict[str, Any]]:
    """The traces that a filter finds: metadata and tags in one, and the name of the root."""
    kernel.run("%llmtrace flush")
    found = kernel.run(
        f"found = mlflow.search_traces(filter_string={filter_string!r}, return_type='list')\n"
        "print(json.dumps([{**t.info.trace_metadata, **t.info.tags, 'root': t.data.spans[0].name} for t in found]))"
    )
    assert found.error is None
    traces: list[dict[str, Any]] = found.value
    return traces


def traces_of(kernel: Kernel, source: str) -> list[dict[str, Any]]:
    """What the store has of a cell with this code, which is executed."""
    ran = kernel.run(source)
    assert ran.error is None
    return stored(kernel, f"tags.notebook.execution_count = '{ran.count}'")


def test_every_trace_of_a_cell_is_found_by_it_whatever_made_it(traced: Kernel) -> None:
    traces = traces_of(traced, MANY)
    assert sorted(trace["root"] for trace in traces) == ["later", "later", "litellm-completion", "own", "own"]
    assert {trace["notebook.name"] for trace in traces} == {NAME}
    assert {trace["notebook.source"] for trace in traces} == {MANY}
    assert {trace["mlflow.trace.user"] for trace in traces} == {trace["mlflow.user"] for trace in traces}
    assert len({trace["mlflow.trace.session"] for trace in traces}) == 1
    count = traces[0]["notebook.execution_count"]
    both = f"tags.`notebook.execution_count` = '{count}' AND tags.`notebook.name` = '{NAME}'"
    assert len(stored(traced, both)) == len(traces)


def test_all_cells_are_one_session_also_after_off_and_on(traced: Kernel) -> None:
    (one,) = traces_of(traced, CALL)
    traced.run("%llmtrace off\n%llmtrace on")
    (two,) = traces_of(traced, CALL)
    session = one["mlflow.trace.session"]
    assert session == two["mlflow.trace.session"]
    assert {one["notebook.execution_count"], two["notebook.execution_count"]} <= {
        trace["notebook.execution_count"] for trace in stored(traced, f"metadata.`mlflow.trace.session` = '{session}'")
    }


def test_what_the_user_has_set_stays(traced: Kernel) -> None:
    (trace,) = traces_of(traced, SET_BY_THE_USER)
    set_by_the_user = [trace[name] for name in ("mlflow.trace.session", "mlflow.trace.user", "notebook.name")]
    assert set_by_the_user == ["my session", "me", "my name"]


def test_code_is_stored_without_secrets_unless_asked_and_no_longer_than_the_store_takes(traced: Kernel) -> None:
    source = "with mlflow.start_span('s'): key = 'opaque-and-long'"
    (trace,) = traces_of(traced, f"{source}\n# {'long ' * 2000}")
    assert trace["notebook.source"].startswith("with mlflow.start_span('s'): key = '[redacted: SERVICE_TOKEN]'\n# long")
    assert trace["notebook.source"].endswith("…")
    assert len(trace["notebook.source"]) == 4096

    traced.run("%llmtrace on --no-redact")
    (trace,) = traces_of(traced, source)
    assert trace["notebook.source"] == source
    traced.run("%llmtrace on")


def test_one_cell_traced_by_itself_says_its_code(traced: Kernel) -> None:
    traced.run("%llmtrace off")
    source = f"%%llmtrace\n{CALL}"
    (trace,) = traces_of(traced, source)
    assert trace["notebook.source"] == source
    traced.run("%llmtrace on")


def test_the_name_that_vs_code_gives_is_taken(traced: Kernel) -> None:
    traced.run("__vsc_ipynb_file__ = '/home/me/of vs code.ipynb'")
    (trace,) = traces_of(traced, CALL)
    assert trace["notebook.name"] == "of vs code.ipynb"
