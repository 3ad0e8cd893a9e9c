"""What takes the place of MLflow's exporter stores what MLflow's own would, and steps aside where it must."""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import sqlite3
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recording import Said

from ipy_llmtrace.recorder import Recorder

IMAGE = "data:image/png;base64," + base64.b64encode(b"\x89PNG not really").decode()


def recorder(said: list[str] | None = None) -> Recorder:
    return Recorder(Said(said))


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLMTRACE_SPOOL", str(tmp_path / "spool"))
    return tmp_path / "spool"


@pytest.fixture
def recording(store: str) -> Iterator[Recorder]:
    recording = recorder()
    recording.start()
    yield recording
    recording.stop()


def flush(recording: Recorder) -> None:
    assert recording.flush(lambda left: None).lines() == []


def everything() -> str:
    """One trace with a bit of everything: its id."""
    import mlflow

    with mlflow.start_span("agent", span_type="AGENT", attributes={"number": 1, "list": [1, "two"]}) as root:
        root.set_inputs({"image": IMAGE, "text": "é 😀"})
        mlflow.update_current_trace(
            tags={"kind": "test"}, metadata={"mlflow.trace.session": "s-1", "mlflow.trace.user": "u-1"}, client_request_id="r-1"
        )
        with mlflow.start_span("call", span_type="LLM") as call:
            call.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5})
            call.add_event(mlflow.entities.SpanEvent("first_token", attributes={"n": 1}))
        with pytest.raises(ValueError, match="no"), mlflow.start_span("tool", span_type="TOOL"):
            raise ValueError("no")
        root.set_outputs(["done"])
    return root.trace_id


def comparable(trace_id: str) -> dict[str, Any]:
    """All that the store knows of a trace, without what differs from trace to trace."""
    import mlflow

    trace = mlflow.get_trace(trace_id)
    assert trace is not None
    info = trace.info.to_dict()
    volatile = ("trace_id", "request_time", "execution_duration_ms")
    names = {span.span_id: span.name for span in trace.data.spans}
    spans = [
        {
            "name": span.name,
            "type": span.span_type,
            "parent": names.get(span.parent_id or ""),
            "status": (span.status.status_code, span.status.description),
            "inputs": {k: v for k, v in (span.inputs or {}).items() if k != "image"},
            "outputs": span.outputs,
            "attributes": sorted(span.attributes),
            "events": [(event.name, sorted(event.attributes)) for event in span.events],
        }
        for span in trace.data.spans
    ]
    metadata = {
        key: value for key, value in info["trace_metadata"].items() if "size" not in key.lower() and key != "mlflow.traceInputs"
    }
    tags = {key: value for key, value in info["tags"].items() if key != "mlflow.artifactLocation"}
    shown = {key: value for key, value in info.items() if key not in (*volatile, "trace_metadata", "tags", "request_preview")}
    sizes = json.loads(info["trace_metadata"]["mlflow.trace.sizeStats"])
    # Of this one a part is estimated, also by MLflow.
    assert sizes.pop("total_size_bytes") > sizes["max"]
    return {**shown, "metadata": metadata, "sizes": sizes, "tags": tags, "spans": spans}


def test_the_store_holds_what_mlflows_own_exporter_would_have_put_there(store: str) -> None:
    import mlflow

    plain = everything()
    mlflow.flush_trace_async_logging()
    recording = recorder()
    recording.start()
    ours = everything()
    flush(recording)
    recording.stop()

    assert comparable(ours) == comparable(plain)


def test_a_trace_waits_while_one_of_its_spans_is_open(recording: Recorder) -> None:
    import mlflow

    flush(recording)
    span = mlflow.start_span_no_context("open")
    assert (recording.waits(span.trace_id), recording.waits("tr-" + "0" * 32)) == (True, False)
    span.end()
    flush(recording)
    assert not recording.waits(span.trace_id)


def test_a_trace_does_not_wait_for_a_span_that_interrupted_code_has_left_nor_for_one_that_nobody_has(
    recording: Recorder,
) -> None:
    import mlflow
    from mlflow.tracing.trace_manager import InMemoryTraceManager

    flush(recording)
    left, lost = mlflow.start_span_no_context("left"), mlflow.start_span_no_context("lost")
    lost_trace, lost_span = lost.trace_id, weakref.ref(lost._span)
    recording.left_cell({left.span_id}, interrupted=True)
    assert (recording.waits(left.trace_id), recording.waits(lost_trace)) == (False, True)
    InMemoryTraceManager.reset()
    del lost
    gc.collect()
    assert lost_span() is None
    assert not recording.waits(lost_trace)


def test_an_attachment_reaches_the_store(recording: Recorder) -> None:
    import mlflow
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
    from mlflow.tracing.attachments import Attachment

    trace_id = everything()
    flush(recording)

    trace = mlflow.get_trace(trace_id)
    found = Attachment.parse_ref(trace.data.spans[0].inputs["image"])
    repository = get_artifact_repository(trace.info.tags["mlflow.artifactLocation"])
    assert repository.download_trace_attachment(found["attachment_id"]) == b"\x89PNG not really"


def test_mlflows_own_flush_and_get_trace_find_what_has_ended(recording: Recorder) -> None:
    import mlflow

    first = everything()
    mlflow.flush_trace_async_logging()
    assert mlflow.get_trace(first) is not None
    second = everything()
    assert mlflow.get_trace(second, flush=True) is not None


def rows(store: str, query: str, trace_id: str) -> list[Any]:
    """What the store holds of a trace: MLflow's own functions answer from memory while it runs."""
    with contextlib.closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as connection:
        return connection.execute(query, (trace_id,)).fetchall()


def test_spans_of_a_trace_that_runs_on_are_stored_by_a_flush(recording: Recorder, store: str) -> None:
    import mlflow

    with mlflow.start_span("agent") as root:
        with mlflow.start_span("call"):
            pass
        flush(recording)
        assert rows(store, "SELECT name FROM spans WHERE trace_id = ?", root.trace_id) == [("call",)]
    flush(recording)
    assert len(mlflow.get_trace(root.trace_id).data.spans) == 2


def test_a_trace_whose_root_ended_before_another_span_is_stored_by_a_flush_and_completed_later(
    recording: Recorder, store: str
) -> None:
    import mlflow

    root = mlflow.start_span_no_context("root")
    late = mlflow.start_span_no_context("late", parent_span=root)
    root.end()
    flush(recording)
    assert rows(store, "SELECT status, trace_name FROM trace_info WHERE request_id = ?", root.trace_id) == [("OK", "root")]
    late.end()
    flush(recording)
    assert {span.name for span in mlflow.get_trace(root.trace_id).data.spans} == {"root", "late"}


def test_an_experiment_by_name_is_made_when_the_first_trace_is_stored(store: str) -> None:
    import mlflow

    recording = recorder()
    recording.start(experiment="made by llmtrace")
    assert mlflow.get_experiment_by_name("made by llmtrace") is None
    trace_id = everything()
    flush(recording)
    recording.stop()

    experiment = mlflow.get_experiment_by_name("made by llmtrace")
    assert mlflow.get_trace(trace_id).info.experiment_id == experiment.experiment_id


def test_a_destination_that_the_user_sets_is_kept(recording: Recorder) -> None:
    import mlflow

    other = mlflow.create_experiment(f"destination {time.time_ns()}")
    mlflow.tracing.set_destination(mlflow.entities.trace_location.MlflowExperimentLocation(other))
    try:
        trace_id = everything()
        flush(recording)
        assert mlflow.get_trace(trace_id).info.experiment_id == other
    finally:
        mlflow.tracing.reset()


def test_after_off_traces_go_mlflows_own_way(store: str) -> None:
    import mlflow

    recording = recorder()
    recording.start()
    everything()
    flush(recording)
    recording.stop()

    trace_id = everything()
    mlflow.flush_trace_async_logging()
    assert mlflow.get_trace(trace_id) is not None


def test_after_off_and_on_traces_are_spooled_again(store: str) -> None:
    import mlflow
    from mlflow.tracing.provider import _get_trace_exporter

    for _ in range(2):
        recording = recorder()
        recording.start()
        trace_id = everything()
        exporter = _get_trace_exporter()
        flush(recording)
        assert mlflow.get_trace(trace_id) is not None
        assert exporter.plain is None, "MLflow's own exporter was used"
        recording.stop()


def test_mlflow_has_everything_that_the_export_relies_on(uses_libraries: None) -> None:
    """When this fails, MLflow has changed: compare `ipy_llmtrace/recorder/delivery/mlflow_exporter.py` with
    ``mlflow/tracing/provider.py`` and ``mlflow/tracing/export/mlflow_v3.py``."""
    from ipy_llmtrace.recorder.delivery import mlflow_exporter

    mlflow_exporter.check()


def test_an_mlflow_that_lacks_it_exports_by_itself_and_that_is_said(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow
    from mlflow.tracing.trace_manager import InMemoryTraceManager

    monkeypatch.setattr(InMemoryTraceManager, "has_open_spans", lambda self, otel_trace_id, more: False)
    said: list[str] = []
    recording = recorder(said)
    recording.start()
    monkeypatch.undo()
    trace_id = everything()
    mlflow.flush_trace_async_logging()
    recording.stop()

    assert mlflow.get_trace(trace_id) is not None
    assert said == [
        "llmtrace: this mlflow stores traces by itself (InMemoryTraceManager.has_open_spans takes other arguments); "
        "a restart loses what it has not stored yet"
    ]
