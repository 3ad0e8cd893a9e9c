"""Feedback reaches the store after its trace, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import TraceInfo, TraceLocation, TraceState
from mlflow.tracing.client import TracingClient
from recording import Said
from servers import TrackingServer

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.cells.ownership import Cells
from ipy_llmtrace.recorder import Recorder
from ipy_llmtrace.recorder.delivery.outbox import Outbox
from ipy_llmtrace.recorder.delivery.spool_directory import SpoolDirectory
from ipy_llmtrace.redaction.redactor import Redactor
from ipy_llmtrace.trace.feedback import Feedback, Given, user
from ipy_llmtrace.views.feedback import ViewFeedback

pytestmark = pytest.mark.processes


class Tracing(Said):
    """A recorder, and the cell that its spans belong to."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = Cells()
        self.recorder = Recorder(self)

    def take(self, change: Any) -> None:
        cell = self.cells.owner(change)
        if cell is not None:
            cell.apply([change])

    def cell(self, run: Callable[[], object]) -> CellTrace:
        cell = self.cells.begin(1, None)
        run()
        self.cells.end()
        return cell


@pytest.fixture
def tracing(store: str) -> Iterator[Tracing]:
    found = Tracing()
    found.recorder.start()
    yield found
    found.recorder.stop()
    assert found.said == []


def one_trace() -> None:
    import mlflow

    with mlflow.start_span("agent"), mlflow.start_span("search"):
        pass


def stored(trace_id: str) -> list[tuple[Any, ...]]:
    """What the store has: name, value, comment, span, and by whom."""
    import mlflow

    trace = mlflow.get_trace(trace_id)
    assert trace is not None
    return opinions(trace)


def opinions(trace: Any) -> list[tuple[Any, ...]]:
    return [
        (a.name, a.value, a.rationale, a.span_id, a.source.source_type, a.source.source_id)
        for a in trace.info.assessments
        if a.valid is not False
    ]


def test_feedback_on_a_trace_and_on_a_span_is_in_the_store(tracing: Tracing) -> None:
    cell = tracing.cell(one_trace)
    search = cell.find("search")[0]
    cell.feedback(True, "good <b>work</b>")
    cell.feedback(3, span=search, name="relevance")
    tracing.recorder.flush(lambda left: None)

    assert sorted(stored(cell.traces[0]), key=str) == [
        ("feedback", True, "good <b>work</b>", None, "HUMAN", user()),
        ("relevance", 3, None, search.span_id, "HUMAN", user()),
    ]
    assert [(given.name, given.value) for given in cell.given.all()] == [("feedback", True), ("relevance", 3)]


def test_a_tracking_server_gets_what_is_given_in_a_view_and_from_code(
    uses_libraries: None, mlflow_server: TrackingServer
) -> None:
    tracing = Tracing()
    tracing.recorder.start(tracking_uri=mlflow_server.uri)
    try:
        cell = tracing.cell(one_trace)
        cell.tracking_uri = mlflow_server.uri
        (trace_id,), (search,) = cell.traces, cell.find("search")
        view = ViewFeedback(cell, Redactor.none())
        view.take({"kind": "feedback", "trace": trace_id, "span": search.span_id, "value": False, "comment": "found nothing"})
        view.take({"kind": "feedback", "trace": trace_id, "value": True, "comment": "  "})
        cell.feedback(0.5, "half of it", name="groundedness")
        assert tracing.recorder.flush(lambda left: None).settled
    finally:
        tracing.recorder.stop()

    # As any other program reads them from that server.
    trace = MlflowClient(mlflow_server.uri).get_trace(trace_id)
    assert [span.name for span in trace.data.spans] == ["agent", "search"]
    assert sorted(opinions(trace)) == [
        ("feedback", False, "found nothing", search.span_id, "HUMAN", user()),
        ("feedback", True, None, None, "HUMAN", user()),
        ("groundedness", 0.5, "half of it", None, "HUMAN", user()),
    ]
    assert [shown.get("mine", False) for shown in view.shown()] == [True, True, False]


def test_a_root_stands_for_its_trace_and_is_needed_where_there_are_several(tracing: Tracing) -> None:
    cell = tracing.cell(lambda: (one_trace(), one_trace()))
    with pytest.raises(ValueError, match=r"cell 1 has 2 traces: name a span of the one you mean"):
        cell.feedback(True)
    cell.feedback(False, span=cell.roots[1])
    tracing.recorder.flush(lambda left: None)

    assert [len(stored(trace_id)) for trace_id in cell.traces] == [0, 1]
    assert stored(cell.traces[1])[0][1:4] == (False, None, None)


def test_the_newer_opinion_takes_the_place_of_the_older_and_none_takes_it_back(tracing: Tracing) -> None:
    cell = tracing.cell(one_trace)
    for value in (True, False):
        cell.feedback(value, f"it is {value}")
        tracing.recorder.flush(lambda left: None)
    assert [found[1:3] for found in stored(cell.traces[0])] == [(False, "it is False")]

    cell.feedback(None)
    tracing.recorder.flush(lambda left: None)
    assert stored(cell.traces[0]) == []
    assert cell.given.all() == []


def test_feedback_on_a_trace_that_runs_waits_for_it(tracing: Tracing) -> None:
    import mlflow

    found: list[CellTrace] = []

    def run() -> None:
        with mlflow.start_span("agent"), mlflow.start_span("search"):
            cell = tracing.cells.running
            assert cell is not None
            cell.feedback(True)
            tracing.recorder.flush(lambda left: None)
            found.append(cell)

    tracing.cell(run)
    tracing.recorder.flush(lambda left: None)
    assert [opinion[1] for opinion in stored(found[0].traces[0])] == [True]


def test_feedback_is_given_while_tracing_is_off_too(tracing: Tracing) -> None:
    cell = tracing.cell(one_trace)
    tracing.recorder.flush(lambda left: None)
    tracing.recorder.stop()
    cell.feedback(True)

    tracing.recorder.start()
    tracing.recorder.flush(lambda left: None)
    assert eventually(lambda: [opinion[1] for opinion in stored(cell.traces[0])]) == [True]


def eventually(found: Callable[[], list[Any]]) -> list[Any]:
    """What is there, once there is anything."""
    while not (value := found()):
        pass
    return value


def test_feedback_survives_the_process_when_the_store_is_away(store: str, tmp_path: Path) -> None:
    """The store's directory comes back after a first outbox has given up, and a later one finds what is left."""
    spool, away = tmp_path / "spool", tmp_path / "away"
    uri = f"sqlite:///{away}/mlflow.db"
    given = Feedback("tr-" + "1" * 32, None, "feedback", True, "from before", "me")
    first = Outbox(SpoolDirectory(spool), lambda: None, lambda where, error: None, lambda line: None)
    first.give(uri, given)
    assert "mlflow.db cannot be opened" in first.flush(lambda left: None).troubles()[0]
    first.close()

    here = tmp_path / "here"
    here.mkdir()
    info = TraceInfo(given.trace_id, TraceLocation.from_experiment_id("0"), 1, TraceState.OK)
    TracingClient(f"sqlite:///{here}/mlflow.db").start_trace(info)
    here.rename(away)
    later = Outbox(SpoolDirectory(spool), lambda: None, lambda where, error: None, lambda line: None)
    later.deliver_leftovers(uri)
    assert eventually(lambda: TracingClient(uri).get_trace_info(given.trace_id).assessments)[0].rationale == "from before"
    later.close()


def test_what_is_no_opinion_is_told(tracing: Tracing) -> None:
    cell, other = tracing.cell(one_trace), tracing.cell(one_trace)
    with pytest.raises(TypeError):
        cell.feedback(object())
    with pytest.raises(ValueError, match=r"<Span 'agent' UNKNOWN ok> is not a span of cell 1"):
        cell.feedback(True, span=other.roots[0])
    assert cell.given.all() == []


def test_feedback_on_a_trace_that_the_store_has_not_is_said(tracing: Tracing) -> None:
    tracing.cell(one_trace)
    tracing.recorder.flush(lambda left: None)
    CellTrace.of([], "x").give(Feedback("tr-0", None, "feedback", True, None, "me"))
    left = tracing.recorder.flush(lambda left: None)
    assert left.refused == 1
    assert "tr-0" in left.troubles()[0]


def test_a_listener_hears_of_changes_for_as_long_as_it_lives() -> None:
    class Listener:
        def __init__(self) -> None:
            self.heard = 0

        def hear(self) -> None:
            self.heard += 1

    given, stays, goes = Given(), Listener(), Listener()
    given.listen(stays.hear)
    given.listen(goes.hear)
    del goes
    given.put(Feedback("tr-1", None, "feedback", True))
    assert stays.heard == 1
