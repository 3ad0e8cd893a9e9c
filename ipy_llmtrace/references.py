"""What ``3``, ``In[3]``, ``-1`` and ``tr-…`` stand for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .cells import CellTrace
from .kept import Fetch, Gone
from .options import UsageMistake
from .redact import Redactor
from .span import Span

if TYPE_CHECKING:
    from .session import Session


def by_reference(session: Session, reference: str) -> CellTrace:
    """What ``reference`` names: an execution count (``3``, ``In[3]``), ``-1`` for the newest traced cell, or a trace id, of
    this session or of the store.

    Raises `UsageMistake` with what there is.
    """
    session.drain()
    traced = [cell for cell in session.cells.traced if cell.traces]
    if reference.startswith("tr-"):
        found = [cell for cell in traced if reference in cell.traces]
        return found[-1] if found else _stored(reference)
    number = reference.strip().removeprefix("In").strip().strip("[]")
    if not number.removeprefix("-").isdigit():
        raise UsageMistake(
            f"{reference!r} names no trace: give a trace id (tr-…), a cell's number (3 or In[3]), or -1 for the newest"
        )
    if not traced:
        raise UsageMistake("no cell of this session has a trace yet (%llmtrace on, then run a cell that calls a model)")
    if number.startswith("-"):
        found = traced[int(number) :][:1] if -int(number) <= len(traced) else []
    else:
        found = [cell for cell in traced if cell.execution_count == int(number)]
    if not found:
        newest = traced[-1]
        raise UsageMistake(
            f"no trace for {reference} in this session; the newest is cell {newest.label} (%llmtrace show {newest.label})"
        )
    return found[-1]


def fetch_of(cell: CellTrace) -> Fetch:
    """What gets the spans of an old cell from the store that has them."""
    label, tracking_uri = cell.label, cell.tracking_uri

    def fetch(trace_id: str) -> list[Span]:
        try:
            return _past().spans_of(_fetched(trace_id, tracking_uri))
        except UsageMistake as mistake:
            raise Gone(f"the spans of cell {label} are no longer in memory: {mistake}") from None

    return fetch


def _stored(trace_id: str) -> CellTrace:
    trace = _fetched(trace_id, None)
    found = CellTrace.of(_past().spans_of(trace), trace_id, _past().feedback_on(trace))
    # The active one may be another by the time that feedback is given.
    found.tracking_uri = importlib.import_module(".recorder.server", __package__).store()
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
    return importlib.import_module(".recorder.past", __package__)
