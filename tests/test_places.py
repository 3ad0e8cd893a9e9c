"""Where MLflow's UI shows a trace: the experiment that it is in, known when the trace begins; and as what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import pytest

from ipy_llmtrace.recorder import Change, Recorder
from ipy_llmtrace.ui import of_server


@pytest.fixture
def recorder(store: str) -> Any:
    changes: list[Change] = []
    recorder = Recorder(changes.append, lambda: None, lambda: False, print)
    yield recorder
    recorder.stop()


def own() -> str:
    with mlflow.start_span("own") as span:
        return str(span.trace_id)


def test_each_trace_leads_to_the_experiment_that_was_active_when_it_began(recorder: Recorder):
    recorder.start()
    first = [own(), own()]
    before = mlflow.get_experiment_by_name("test_each_trace_leads_to_the_experiment_that_was_active_when_it_began")
    after = mlflow.set_experiment("another")
    second = own()
    assert before is not None
    assert recorder.addresses("http://mlflow.example/", [second, *first, "tr-0"]) == [
        (f"http://mlflow.example/#/experiments/{before.experiment_id}/traces?selectedEvaluationId={{trace}}", first),
        (f"http://mlflow.example/#/experiments/{after.experiment_id}/traces?selectedEvaluationId={{trace}}", [second]),
    ]


def test_an_experiment_asked_for_by_name_is_known_once_the_store_has_made_it(recorder: Recorder, tmp_path: Path):
    recorder.start(tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}", experiment="by name")
    trace = own()
    recorder.flush(lambda left: None)
    made = mlflow.get_experiment_by_name("by name")
    assert made is not None
    ((url, traces),) = recorder.addresses("http://mlflow.example", [trace])
    assert (f"/experiments/{made.experiment_id}/traces" in url, traces) == (True, [trace])


def test_a_trace_that_still_runs_is_in_progress_in_the_store_with_what_has_ended_of_it(recorder: Recorder):
    def states() -> list[str]:
        return [str(trace.info.state) for trace in mlflow.search_traces(return_type="list", include_spans=False)]

    recorder.start()
    with mlflow.start_span("runs"):
        own()
        recorder.flush(lambda left: None)
        assert states() == ["IN_PROGRESS"]
    recorder.flush(lambda left: None)
    assert states() == ["OK"]


@pytest.mark.parametrize(
    ("tracking_uri", "address"),
    [
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("https://user:secret@mlflow.example/team/", "https://mlflow.example/team"),
        ("sqlite:///mlflow.db", None),
        ("databricks", None),
    ],
)
def test_a_server_has_its_ui_at_its_own_address_without_credentials(tracking_uri: str, address: str | None):
    assert of_server(tracking_uri) == address
