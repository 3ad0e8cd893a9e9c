"""In which store and experiment a trace is, known when it begins; and as what."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mlflow
import pytest
from recording import Said

from ipy_llmtrace.recorder import Recorder


@pytest.fixture
def recorder(store: str) -> Any:
    recorder = Recorder(Said())
    yield recorder
    recorder.stop()


def own() -> str:
    with mlflow.start_span("own") as span:
        return str(span.trace_id)


def test_each_trace_is_in_the_experiment_that_was_active_when_it_began(recorder: Recorder, store: str):
    recorder.start()
    first = own()
    before = mlflow.get_experiment_by_name("test_each_trace_is_in_the_experiment_that_was_active_when_it_began")
    after = mlflow.set_experiment("another")
    second = own()
    assert before is not None
    assert [recorder.trace_locations.of(trace) for trace in (first, second, "tr-0")] == [
        (store, before.experiment_id),
        (store, after.experiment_id),
        None,
    ]


def test_each_trace_is_in_the_store_that_was_active_when_it_began(recorder: Recorder, store: str, tmp_path: Path):
    recorder.start()
    first = own()
    recorder.flush(lambda left: None)
    shutil.copy(store.removeprefix("sqlite:///"), tmp_path / "other.db")  # to make one anew takes MLflow seconds
    other = f"sqlite:///{tmp_path / 'other.db'}"
    mlflow.set_tracking_uri(other)
    second = own()
    recorder.flush(lambda left: None)
    recorder.stop()
    recorder.start(tracking_uri=store)  # locations outlive the recorder's off and on
    third = own()
    recorder.flush(lambda left: None)
    for trace, uri in ((first, store), (second, other), (third, store)):
        found = recorder.trace_locations.of(trace)
        assert found is not None
        assert found[0] == uri
        assert mlflow.MlflowClient(uri).get_trace(trace).info.experiment_id == found[1]


def test_a_trace_goes_where_mlflow_sends_it_whatever_a_variable_says_since(
    recorder: Recorder, store: str, monkeypatch: pytest.MonkeyPatch
):
    recorder.start()
    own()
    monkeypatch.setattr("mlflow.tracking._tracking_service.utils._tracking_uri", None)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    trace = own()
    assert (recorder.trace_locations.of(trace) or [None])[0] == store
    recorder.flush(lambda left: None)
    assert mlflow.MlflowClient(store).get_trace(trace).info.trace_id == trace


def test_an_experiment_asked_for_by_name_is_known_once_the_store_has_made_it(recorder: Recorder, tmp_path: Path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    recorder.start(tracking_uri=uri, experiment="by name")
    trace = own()
    recorder.flush(lambda left: None)
    made = mlflow.get_experiment_by_name("by name")
    assert made is not None
    assert recorder.trace_locations.of(trace) == (uri, made.experiment_id)


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
