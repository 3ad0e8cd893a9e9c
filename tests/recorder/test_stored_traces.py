"""Traces that are in a store, of whatever session, as ours."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ipy_llmtrace.recorder import stored_traces


@pytest.fixture
def stored(store: str) -> str:
    """The id of a trace in the active store."""
    import mlflow

    with mlflow.start_span("agent", span_type="AGENT") as agent:
        agent.set_inputs({"question": "why?"})
        with pytest.raises(ValueError, match="no"), mlflow.start_span("search", span_type="TOOL"):
            raise ValueError("no")
    mlflow.flush_trace_async_logging()
    return agent.trace_id


def test_a_stored_trace_is_read_with_all_its_spans(stored: str) -> None:
    agent, search = stored_traces.fetch(stored)

    assert (agent.name, agent.type, agent.status, agent.inputs) == ("agent", "AGENT", "ok", {"question": "why?"})
    assert (search.parent_id, search.status, search.trace_id) == (agent.span_id, "error", stored)
    assert "ValueError" in search.events[0].attributes["exception.type"]
    assert agent.duration_ns is not None


def test_a_trace_of_mlflows_is_the_same_as_the_stored_one(stored: str) -> None:
    import mlflow

    trace = mlflow.get_trace(stored)
    assert trace is not None
    wanted = [(span.span_id, span.name, span.inputs, span.end_ns) for span in stored_traces.fetch(stored)]
    assert [(span.span_id, span.name, span.inputs, span.end_ns) for span in stored_traces.spans_of(trace)] == wanted
    assert [
        (span.span_id, span.name, span.inputs, span.end_ns)
        for span in stored_traces.spans_of(stored_traces.from_json(trace.to_json()))
    ] == wanted


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"info": 1, "data": 2}'])
def test_what_is_no_trace_in_json_is_said_to_be_none(uses_libraries: None, text: str) -> None:
    with pytest.raises(ValueError, match="not a trace"):
        stored_traces.from_json(text)


def test_a_trace_that_the_store_has_not_is_said_in_one_line(stored: str, store: str) -> None:
    with pytest.raises(stored_traces.NotRead, match=rf"no trace tr-0 in this session, nor in {store}$"):
        stored_traces.fetch("tr-0")


def test_looking_for_a_trace_makes_no_database(uses_libraries: None, tmp_path: Path) -> None:
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(stored_traces.NotRead, match=r"nor in .*none\.db: there is no such file$"):
        stored_traces.fetch("tr-0")
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_not_there_is_said_in_one_line(uses_libraries: None) -> None:
    import mlflow

    with socket.create_server(("127.0.0.1", 0)) as closed:
        uri = f"http://127.0.0.1:{closed.getsockname()[1]}"
    mlflow.set_tracking_uri(uri)
    with pytest.raises(stored_traces.NotRead, match=f"the store cannot be asked: {uri} refuses connections"):
        stored_traces.fetch("tr-0")


def test_a_server_that_does_not_answer_is_given_up(uses_libraries: None) -> None:
    import mlflow

    with socket.create_server(("127.0.0.1", 0)) as silent:
        mlflow.set_tracking_uri(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(stored_traces.NotRead, match=r"the store has not answered for 0\.1 s: tr-0"):
            stored_traces.fetch("tr-0", limit_s=0.1)
