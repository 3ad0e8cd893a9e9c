"""Traces that are no longer in the memory, or never were: from the store."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from ..options import UsageMistake
from ..redaction.redactor import Redactor
from ..trace.span import Span
from .cell_trace import CellTrace
from .freed_spans import SpansUnavailable


class StoredSpans:
    """The spans of an old cell, in the store that has them."""

    def __init__(self, cell: CellTrace) -> None:
        self._label = cell.label
        self._tracking_uri = cell.tracking_uri

    def spans_of(self, trace_id: str) -> list[Span]:
        try:
            return _past().spans_of(_fetched(trace_id, self._tracking_uri))
        except UsageMistake as mistake:
            raise SpansUnavailable(f"the spans of cell {self._label} are no longer in memory: {mistake}") from None


def stored(trace_id: str) -> CellTrace:
    """A trace of any session, in the store in use. Raises `UsageMistake` when it cannot be had."""
    return of_traces([_fetched(trace_id, None)], trace_id)


def of_traces(traces: Sequence[Any], label: str) -> CellTrace:
    """MLflow's traces, from a store, with what was said of them; ``label`` stands where a cell's number would."""
    past = _past()
    spans = [span for trace in traces for span in past.spans_of(trace)]
    found = CellTrace.of(spans, label, [given for trace in traces for given in past.feedback_on(trace)])
    # As a rule they are from the active one, which may be another by the time that feedback is given.
    found.tracking_uri = importlib.import_module("..recorder.mlflow_server", __package__).store()
    found.experiments = past.experiments_of(traces)
    return found


def _fetched(trace_id: str, tracking_uri: str | None) -> Any:
    """MLflow's trace in the store. Raises `UsageMistake` when it cannot be had."""
    past = _past()
    try:
        return past.fetch_trace(trace_id, tracking_uri=tracking_uri)
    except past.NotRead as error:
        raise UsageMistake(Redactor.of_process().text(str(error))) from None


def _past() -> Any:
    # Imported by name, and not before it is needed: it imports mlflow.
    return importlib.import_module("..recorder.stored_traces", __package__)
