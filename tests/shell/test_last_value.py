"""MLflow's traces as a cell's last value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from ipy_llmtrace.cells.cell_trace import CellTrace
from ipy_llmtrace.cells.from_store import stored
from ipy_llmtrace.guard import Guard
from ipy_llmtrace.mlflow_ui.addresses import ui_name
from ipy_llmtrace.mlflow_ui.links import TraceLinks
from ipy_llmtrace.recorder import TraceLocations
from ipy_llmtrace.shell.last_value import MAX_TRACES, LastValue, trace_of

BUNDLE = {"text/plain": "ours"}


@pytest.fixture
def traces(store: str) -> list[Any]:
    """Two traces, as MLflow hands them out."""
    import mlflow

    for name in ("first", "second"):
        with mlflow.start_span(name), mlflow.start_span(f"within {name}"):
            pass
    mlflow.flush_trace_async_logging()
    # Both may have begun in the same millisecond, so the store cannot order them.
    return sorted(mlflow.search_traces(return_type="list"), key=lambda trace: trace.data.spans[0].name)


@pytest.fixture
def formatter() -> DisplayFormatter:
    return DisplayFormatter()


class Shows:
    """Shows every trace as the same bundle."""

    def __init__(self, bundle: dict[str, Any] | None) -> None:
        self.shown: list[CellTrace] = []
        self._bundle = bundle

    def result(self, cell: CellTrace) -> dict[str, Any] | None:
        self.shown.append(cell)
        return self._bundle


@pytest.fixture
def shown(formatter: DisplayFormatter) -> Iterator[list[CellTrace]]:
    """What was shown in place of a value, while ours is on."""
    display = Shows(BUNDLE)
    last_value = LastValue(formatter, display, Guard(pytest.fail))
    last_value.install()
    yield display.shown
    last_value.remove()


def test_traces_from_the_store_lead_to_their_place_in_its_ui(traces: list[Any], store: str) -> None:
    (experiment,) = {trace.info.experiment_id for trace in traces}
    of_one = stored(traces[0].info.trace_id)
    for found in (trace_of(traces), of_one):
        assert found is not None
        (link,) = TraceLinks(TraceLocations()).of(found)
        assert link["url"].startswith(f"{{ui:{ui_name(store)}}}/#/experiments/{experiment}/traces?")


def names(trace: CellTrace) -> list[str]:
    return [span.name for span in trace.spans]


def test_a_trace_is_shown(formatter: DisplayFormatter, shown: list[CellTrace], traces: list[Any]) -> None:
    assert formatter.format(traces[0]) == (BUNDLE, {})
    assert names(shown[0]) == ["first", "within first"]
    assert shown[0].traces == [traces[0].info.trace_id]


def test_a_list_of_traces_is_shown_as_one(formatter: DisplayFormatter, shown: list[CellTrace], traces: list[Any]) -> None:
    formatter.format(traces)
    assert names(shown[0]) == ["first", "within first", "second", "within second"]
    assert shown[0].label == "2 traces"


def test_the_frame_of_search_traces_is_shown(formatter: DisplayFormatter, shown: list[CellTrace], traces: list[Any]) -> None:
    import mlflow

    frame = mlflow.search_traces(order_by=["timestamp_ms ASC"])
    formatter.format(frame)
    assert names(shown[0]) == ["first", "within first", "second", "within second"]
    # A choice of its columns is the user's table.
    data, _ = formatter.format(frame[["trace_id", "state"]])
    assert "<table" in data["text/html"]
    assert len(shown) == 1


def test_other_values_are_as_they_were(formatter: DisplayFormatter, shown: list[CellTrace], traces: list[Any]) -> None:
    class Own(list[int]):
        def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
            return {"text/own": "own"}

    class Asked(pd.DataFrame):
        def _repr_mimebundle_(self, include: object, exclude: object) -> dict[str, str]:
            return {"text/own": "asked"}

    class AnyName(list[int]):
        def __getattr__(self, name: str) -> Any:
            return lambda: 1 / 0

    values = [
        [],
        [1, 2],
        [*traces, None],
        ["tr-1"],
        Own([1]),
        Asked({"a": [1]}),
        AnyName([1]),
        pd.DataFrame({"trace": ["not JSON"], "trace_id": ["tr-1"]}),
        pd.DataFrame({"trace": [1], "trace_id": ["tr-1"]}),
        pd.DataFrame({"trace": [], "trace_id": []}),
    ]
    assert [formatter.format(value) for value in values] == [DisplayFormatter().format(value) for value in values]
    assert shown == []


def test_a_trace_without_its_spans_is_as_it_was(formatter: DisplayFormatter, shown: list[CellTrace], traces: list[Any]) -> None:
    import mlflow

    (bare, *_) = mlflow.search_traces(return_type="list", include_spans=False)
    assert formatter.format(bare) == DisplayFormatter().format(bare)
    assert shown == []


def test_of_very_many_traces_the_first_are_shown(traces: list[Any]) -> None:
    found = trace_of(traces * MAX_TRACES)
    assert found is not None
    assert found.label == "200 of 400 traces"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("mime", ["text/html", "the whole"])
def test_a_formatter_of_the_users_is_respected(formatter: DisplayFormatter, traces: list[Any], mime: str, when: str) -> None:
    last_value = LastValue(formatter, Shows(BUNDLE), Guard(pytest.fail))
    theirs: Any = formatter.mimebundle_formatter if mime == "the whole" else formatter.formatters[mime]
    own = (lambda value: {"text/html": "theirs"}) if mime == "the whole" else (lambda value: "theirs")
    if when == "after":
        last_value.install()
    theirs.for_type(type(traces[0]), own)
    if when == "before":
        last_value.install()
    assert formatter.format(traces[0])[0]["text/html"] == "theirs"

    last_value.remove()
    assert formatter.format(traces[0])[0]["text/html"] == "theirs"
    assert formatter.format(traces[:1])[0] == DisplayFormatter().format(traces[:1])[0]


def test_what_cannot_be_made_is_shown_as_it_was(formatter: DisplayFormatter, traces: list[Any]) -> None:
    last_value = LastValue(formatter, Shows(None), Guard(pytest.fail))
    last_value.install()
    assert formatter.format(traces[0]) == DisplayFormatter().format(traces[0])
    last_value.remove()


def test_a_trace_that_cannot_be_read_is_shown_as_it_was_and_that_is_said_once(
    formatter: DisplayFormatter, uses_libraries: None, capsys: pytest.CaptureFixture[str]
) -> None:
    from mlflow.entities import Trace

    said: list[str] = []
    last_value = LastValue(formatter, Shows(BUNDLE), Guard(said.append))
    last_value.install()
    broken: Any = Trace(info=None, data=None)  # pyright: ignore[reportArgumentType]
    assert [formatter.format([broken, broken])[0].keys() for _ in range(2)] == [{"text/plain"}] * 2
    last_value.remove()
    (line,) = said
    assert line.startswith("llmtrace: trace_of failed (")
    assert capsys.readouterr() == ("", "")
