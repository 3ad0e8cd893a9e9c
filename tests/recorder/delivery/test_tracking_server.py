"""A team's tracking server gets what a notebook traces, as a local file does: real servers, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from kernel import Kernel, kernel
from postgres import binaries, postgres
from servers import TrackingServer, tracking_server

from ipy_llmtrace import demo

pytestmark = pytest.mark.notebook

PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SETUP = "import json, os, litellm, mlflow\nMODEL = {!r}\n%load_ext ipy_llmtrace"
CALL = """
with mlflow.start_span("plan"):
    litellm.completion(MODEL, [{"role": "user", "content": %s}]).choices[0].message.content"""
IMAGE = [{"type": "text", "text": "what is this?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
STORED = """
found = mlflow.MlflowClient(mlflow.get_tracking_uri()).search_traces(
    [mlflow.get_experiment_by_name("team").experiment_id], order_by=["timestamp_ms ASC"])
print(json.dumps([
    [trace.info.state, [span.name for span in trace.data.spans], "2 + 2" in json.dumps(trace.data.spans[-1].inputs)]
    for trace in found]))"""
FROM_THE_SERVER = """
import ipy_llmtrace
from ipy_llmtrace.cells.from_store import stored
shown = stored(ipy_llmtrace.last().traces[0])
print(json.dumps(shown.find(type="LLM")[0].inputs["messages"][0]["content"]))"""

ADMIN = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": "correct horse battery"}


def notebook(directory: Path, model: demo.DemoServer, environment: Mapping[str, str]) -> Iterator[Kernel]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "LLMTRACE", "OPENAI"))}
    ours = {"MLFLOW_DISABLE_TELEMETRY": "true", "LLMTRACE_SPOOL": str(directory / "spool")}
    with kernel(
        directory, inherited | ours | {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": model.url} | dict(environment)
    ) as running:
        running.run(SETUP.format(model.model))
        yield running


@pytest.fixture
def cells(server: demo.DemoServer, tmp_path: Path) -> Iterator[Kernel]:
    yield from notebook(tmp_path, server, {})


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """On PostgreSQL, for those who log in."""
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    password = {
        "MLFLOW_AUTH_ADMIN_USERNAME": ADMIN["MLFLOW_TRACKING_USERNAME"],
        "MLFLOW_AUTH_ADMIN_PASSWORD": ADMIN["MLFLOW_TRACKING_PASSWORD"],
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "for this test only",
    }
    directory = tmp_path_factory.mktemp("team")
    with (
        postgres("-c fsync=off") as database,
        tracking_server(
            directory, database=database, options=("--app-name", "basic-auth"), environment=os.environ | password
        ) as running,
    ):
        running.wait()
        yield running


def test_a_server_gets_each_trace_and_the_status_says_so(cells: Kernel, mlflow_server: TrackingServer) -> None:
    uri = mlflow_server.uri
    said = cells.run(f"%llmtrace on --tracking-uri {uri} --experiment team").stdout
    assert said == f"llmtrace is on: traces show beside each cell's output and go to experiment team in {uri}\n"
    assert len(cells.run(CALL % "'what is 2 + 2?'").tree) == 3
    cells.run(CALL % IMAGE)

    assert cells.run("%llmtrace flush").stdout.endswith("llmtrace: the store has everything\n")
    status = cells.run("%llmtrace").stdout
    assert status.startswith(
        f"llmtrace is on · traces go to experiment team in {uri} (prompts in clear) · this session: 2 cells"
    )
    assert status.endswith(" · the store has everything\n")
    assert cells.run(STORED).value == [
        ["OK", ["plan", "litellm-completion"], True],
        ["OK", ["plan", "litellm-completion"], False],
    ]
    # The image of the prompt is an artifact, and back in its place in what is shown from the server.
    assert cells.run(FROM_THE_SERVER).value == IMAGE
    assert [path.stat().st_size for path in mlflow_server.log.parent.glob("files/*/traces/*/artifacts/attachments/*")] == [70]


def test_the_status_says_what_is_on_the_way_and_what_holds_it_up(cells: Kernel) -> None:
    cells.run("%llmtrace on")
    status = cells.run(f"{CALL % repr('hello')}\n%llmtrace").stdout
    assert status.endswith(" · 1 trace on the way to the store\n")

    ran = [cells.run("%llmtrace on --tracking-uri http://ada:secret@tracking.invalid:5000")]
    ran.append(cells.run(CALL % "'hello'"))
    assert (ran[-1].error, ran[-1].stderr, len(ran[-1].tree)) == (None, "", 3)
    ran += [cells.run("%llmtrace flush"), cells.run("%llmtrace")]
    why = (
        "not stored: 1 trace, because http://tracking.invalid:5000 is not found (is the name of the host right?); kept, and "
        "stored when it works again\n"
    )
    assert [said.stdout.endswith(why) for said in ran[-2:]] == [True, True]
    assert "secret" not in str([said.outputs for said in ran] + cells.widgets())


@pytest.mark.slow
def test_a_server_on_postgresql_gets_each_trace_of_who_has_logged_in(
    server: demo.DemoServer, team: TrackingServer, tmp_path: Path
) -> None:
    for cells in notebook(tmp_path, server, ADMIN):
        cells.run(f"%llmtrace on --tracking-uri {team.uri} --experiment team")
        cells.run(CALL % "'what is 2 + 2?'")
        assert cells.run("%llmtrace flush").stdout.endswith("llmtrace: the store has everything\n")
        assert cells.run(STORED).value == [["OK", ["plan", "litellm-completion"], True]]


@pytest.mark.slow
def test_who_has_not_logged_in_is_told_how_and_loses_nothing(cells: Kernel, team: TrackingServer) -> None:
    cells.run(f"%llmtrace on --tracking-uri {team.uri} --experiment late")
    assert len(cells.run(CALL % "'hello'").tree) == 3
    assert cells.run("%llmtrace flush").stdout.splitlines()[-1] == (
        f"llmtrace: not stored: 1 trace, because {team.uri} wants another login (set MLFLOW_TRACKING_USERNAME and "
        "MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, in os.environ); kept, and stored when it works again"
    )
    cells.run(f"os.environ.update({ADMIN!r})")
    assert cells.run("%llmtrace flush").stdout.endswith("llmtrace: the store has everything\n")
    assert cells.run(STORED.replace('"team"', '"late"')).value == [["OK", ["plan", "litellm-completion"], False]]
