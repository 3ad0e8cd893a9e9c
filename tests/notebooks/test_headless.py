"""A notebook that a program executes has the whole trace of every cell, also of calls that end after their cell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from envelopes import kept
from kernel import STATE_MIME
from nbclient import NotebookClient

from ipy_llmtrace import demo
from ipy_llmtrace.views.cell_view import WIDGET_MIME

pytestmark = pytest.mark.notebook

SETUP = """\
%load_ext ipy_llmtrace
%llmtrace on {options}
import asyncio, threading, litellm, mlflow
from ipy_llmtrace import session
def ask(text):
    return {{"model": {model!r}, "messages": [{{"role": "user", "content": text}}]}}"""

WARM_UP = "await litellm.acompletion(**ask('echo:WARM')); None"
"""The first call takes long to begin: LiteLLM imports its way to it."""

BRIEFLY, LONG = 0.1, 60


def leaving(source: str, wait_s: float) -> str:
    """A cell that leaves a call behind: however long that takes to begin on a slow machine, and to end if the wait is long."""
    return f"session.BEGIN_S, session.WAIT_S = {LONG}, {wait_s}\n{source}"


def joining(source: str) -> str:
    """A cell that makes no call of its own: one that waits for its first would wait in vain."""
    return f"session.BEGIN_S = {BRIEFLY}\n{source}"


@pytest.fixture
def environment(server: demo.DemoServer) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LITELLM_", "LLMTRACE"))}
    return inherited | {
        "OPENAI_API_KEY": "demo",
        "OPENAI_BASE_URL": server.url,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def written(*sources: str, model: str, options: str = "") -> Any:
    """A notebook of these cells, after one that switches tracing on."""
    first = SETUP.format(options=options, model=model)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in [first, *sources]])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return notebook


@pytest.fixture
def executed(server: demo.DemoServer, environment: dict[str, str], tmp_path: Path) -> Callable[..., Any]:
    """Executes a notebook of these cells with nbclient."""

    def execute(*sources: str, options: str = "") -> Any:
        notebook = written(*sources, model=server.model, options=options)
        client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
        client.execute(env=environment)
        return notebook

    return execute


def texts(cell: Any) -> list[str]:
    return [output.data["text/plain"] for output in cell.outputs if "text/html" in output.get("data", {})]


def states(notebook: Any) -> list[Any]:
    """The snapshots that the file keeps, in the order of the cells."""
    models = notebook.metadata.get("widgets", {}).get(STATE_MIME, {}).get("state", {})
    shown = [
        output.data[WIDGET_MIME]["model_id"]
        for cell in notebook.cells
        for output in cell.outputs
        if WIDGET_MIME in output.get("data", {})
    ]
    return [kept(models[model_id]) for model_id in shown]


def test_calls_that_outlive_their_cell_are_whole_in_the_file(executed: Callable[..., Any]):
    notebook = executed(
        WARM_UP,
        leaving("task = asyncio.create_task(litellm.acompletion(**ask('slow:1.6 echo:LATE')))", BRIEFLY),
        joining("reply = await task"),
        leaving("threading.Thread(target=lambda: litellm.completion(**ask('slow:0.5 echo:THREAD'))).start()", LONG),
        leaving("soon = asyncio.create_task(litellm.acompletion(**ask('slow:0.3 echo:SOON')))", LONG),
        leaving("never = asyncio.create_task(litellm.acompletion(**ask('slow:60 echo:NEVER')))", BRIEFLY),
    )
    late, awaited, thread, soon, never = [texts(cell) for cell in notebook.cells[2:]]
    assert awaited == []
    for (text,) in (late, thread, soon):
        assert "running" not in text
    assert never[0].splitlines()[-1] == "… 1 span still running when the notebook ended"
    found = states(notebook)[1:]
    assert [state["summary"]["state"] for state in found] == ["ok", "ok", "ok", "running"]
    for state, reply in zip(found, ["LATE", "THREAD", "SOON"], strict=False):
        assert reply in json.dumps(state)
    assert "1 span still running when the notebook ended" in found[-1]["notes"]


@pytest.mark.parametrize(
    "command",
    [
        "nbconvert --to notebook --execute --inplace it.ipynb",
        pytest.param("papermill it.ipynb it.ipynb", marks=pytest.mark.slow),
    ],
)
def test_the_programs_that_people_use_keep_every_trace(
    command: str, server: demo.DemoServer, environment: dict[str, str], tmp_path: Path
):
    path = tmp_path / "it.ipynb"
    sources = [
        WARM_UP,
        leaving("late = asyncio.create_task(litellm.acompletion(**ask('slow:1.4 echo:LATE')))", BRIEFLY),
        joining("reply = await late"),
        "%%llmtrace\n" + leaving("soon = asyncio.create_task(litellm.acompletion(**ask('slow:0.3 echo:SOON')))", LONG),
    ]
    nbformat.write(written(*sources, model=server.model), path)
    ran = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    notebook = nbformat.read(path, as_version=4)
    assert [len(texts(cell)) for cell in notebook.cells if cell.cell_type == "code"][-5:] == [0, 1, 1, 0, 1]
    assert "running" not in "".join(line for cell in notebook.cells if cell.cell_type == "code" for line in texts(cell))
    kept = states(notebook)
    assert [state["summary"]["state"] for state in kept] == ["ok", "ok", "ok"]
    for state, reply in zip(kept, ["WARM", "LATE", "SOON"], strict=True):
        assert reply in json.dumps(state)


def test_nothing_but_a_summary_is_saved_when_nothing_may_be(executed: Callable[..., Any]):
    notebook = executed("litellm.completion(**ask('PROMPT echo:REPLY')); None", options="--max-saved 0")
    (output,) = notebook.cells[1].outputs
    assert sorted(output.data) == ["text/html", "text/plain"]
    assert "1 LLM call" in output.data["text/html"]
    assert "REPLY" not in json.dumps(output.data)
    assert "PROMPT" not in json.dumps(output.data)
    assert "widgets" not in notebook.metadata


def test_a_large_trace_takes_no_more_of_the_file_than_it_may(executed: Callable[..., Any]):
    source = (
        "import random\n@mlflow.trace\ndef step(text): return text * 2\n@mlflow.trace\ndef agent():\n"
        "    for _ in range(400): step(random.randbytes(600).hex())\nagent(); None"
    )
    notebook = executed(source, options="--max-saved 60kB")
    outputs = len(json.dumps(notebook.cells[1].outputs, ensure_ascii=False).encode())
    view = [model for model in notebook.metadata.widgets[STATE_MIME].state.values() if "snapshot" in model.state]
    state = len(json.dumps(view, ensure_ascii=False).encode())
    print(f"{outputs} bytes of outputs and {state} bytes of state of 60,000")
    assert outputs + state <= 60_000
    (kept,) = states(notebook)
    assert len(kept["rows"]["id"]) == 401
    assert "are not kept in this notebook" in kept["notes"][-1]


def test_fifty_cells_add_fifty_traces_and_one_bundle(executed: Callable[..., Any]):
    prompt = "Tell me about traces. " * 9
    notebook = executed(*[f"litellm.completion(**ask({f'{count} {prompt}'!r})); None" for count in range(50)])
    models = notebook.metadata.widgets[STATE_MIME].state
    parts = {
        "bundle": [model for model in models.values() if len(model["state"].get("_esm", "")) > 10_000],
        "views": [model for model in models.values() if "snapshot" in model["state"]],
        "html": [output.data["text/html"] for cell in notebook.cells for output in cell.outputs if "data" in output],
        "text": [output.data["text/plain"] for cell in notebook.cells for output in cell.outputs if "data" in output],
    }
    for name, values in parts.items():
        print(f"{name:>8} {len(values):3} x {len(json.dumps(values, ensure_ascii=False).encode()):>8,} bytes in all")
    assert {name: len(values) for name, values in parts.items()} == {"bundle": 1, "views": 50, "html": 50, "text": 50}
