"""The guide notebooks, executed as a user would, without a model's key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from kernel import Kernel, Ran, kernel

pytestmark = pytest.mark.notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def environment() -> dict[str, str]:
    """As a user's who has set nothing."""
    ours = ("MLFLOW_", "LITELLM_", "LLMTRACE", "OPENAI_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept = {"MLFLOW_DISABLE_TELEMETRY": "true", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    return inherited | kept | {"LLMTRACE_SPOOL": os.environ["LLMTRACE_SPOOL"]}


def executed(running: Kernel, name: str) -> dict[str, Ran]:
    """What each code cell of a guide put out, by its id."""
    cells = nbformat.read(NOTEBOOKS / name, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count] == []
    found = {cell.id: running.run(cell.source) for cell in code}
    assert {cell_id: ran.error for cell_id, ran in found.items() if ran.error} == {}
    return found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Kernel]:
    with kernel(tmp_path, environment()) as started:
        yield started


def test_agents(fresh: Kernel) -> None:
    cells = executed(fresh, "agents.ipynb")
    trips = "\n".join(cells["trips"].tree)
    assert trips.count("AGENT plan_trip") == trips.count("TOOL search_flights") == 2
    assert "no hotel service for Lisbon" in trips
    (view,) = cells["found"].views
    assert view["text/html"].count("plan_trip") == 1
    printed = fresh.run(
        "found = mlflow.search_traces(return_type='list')\n"
        "print(sorted((a.value, a.rationale, a.span_id is None) for t in found for a in t.info.assessments))"
    )
    assert printed.stdout == "[(False, 'It has no hotel.', True), (True, 'It tried.', False)]\n"


def test_team_server(fresh: Kernel) -> None:
    cells = executed(fresh, "team_server.ipynb")
    assert "the store has everything" in cells["status"].stdout
    assert "http://127.0.0.1:" in cells["status"].stdout
    (view,) = cells["found"].views
    assert "capital" in view["text/html"]
    assert fresh.run("print(server.poll() is None)").stdout == "False\n"
