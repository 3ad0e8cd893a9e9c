"""A link leads to MLflow's UI of the store that has the trace, or there is none."""

from __future__ import annotations

import pytest

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.mlflow_ui.addresses import of_server, ui_name
from ipy_llmtrace.mlflow_ui.links import TraceLinks
from ipy_llmtrace.trace.span import Span
from ipy_llmtrace.wire import TraceLink

SERVER, FILE = "https://me:secret@mlflow.example/team", "sqlite:////home/me/mlflow.db"


def cell_of(*traces: str) -> CellTrace:
    return CellTrace.of((Span(f"span of {trace}", trace, None, "agent", 0) for trace in traces), "1")


def at(address: str, experiment: str) -> str:
    return f"{address}/#/experiments/{experiment}/traces?selectedEvaluationId={{trace}}&traceId={{trace}}"


def links(cell: CellTrace, locations: dict[str, tuple[str, str | None]]) -> list[TraceLink]:
    class Known:
        def of(self, trace_id: str) -> tuple[str, str | None] | None:
            return locations.get(trace_id)

    return TraceLinks(Known()).of(cell)


def test_a_cell_whose_traces_are_in_one_place_has_one_link_for_all():
    found = links(cell_of("a", "b"), {"a": (SERVER, "1"), "b": (SERVER, "1")})
    assert found == [{"url": at("https://mlflow.example/team", "1")}]


def test_traces_of_several_places_have_a_link_each_and_of_one_that_nobody_knows_there_is_none():
    places = {"a": (SERVER, "1"), "b": (SERVER, "2"), "c": (FILE, "1"), "d": (FILE, None)}
    assert links(cell_of("a", "b", "c", "d", "e"), places) == [
        {"url": at("https://mlflow.example/team", "1"), "traces": ["a"]},
        {"url": at("https://mlflow.example/team", "2"), "traces": ["b"]},
        {"url": at(f"{{ui:{ui_name(FILE)}}}", "1"), "traces": ["c"]},
    ]


def test_a_trace_that_was_fetched_leads_to_the_store_that_it_is_from():
    cell = cell_of("a", "b")
    cell.tracking_uri, cell.experiments = FILE, {"a": "7"}
    (link,) = links(cell, {})
    assert link == {"url": at(f"{{ui:{ui_name(FILE)}}}", "7"), "traces": ["a"]}


def test_what_no_store_has_leads_nowhere():
    cell = cell_of("a")
    cell.takes_feedback = False
    assert links(cell, {"a": (SERVER, "1")}) == []


def test_stores_have_names_of_their_own_that_say_nothing_of_them():
    assert len({ui_name(FILE), ui_name(SERVER), ui_name(FILE.replace("me", "you"))}) == 3
    assert ui_name(FILE) == ui_name(FILE)
    assert ui_name(SERVER).isalnum()


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
