"""Links from the views into MLflow's own UI: each leads to the store that has the trace, or there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..cells.cell_trace import CellTrace
from ..recorder import trace_url
from ..wire import TraceLink
from .addresses import of_server, ui_name


class Locations(Protocol):
    """Knows where traces are, as `ipy_llmtrace.recorder.TraceLocations` does."""

    def of(self, trace_id: str) -> tuple[str, str | None] | None:
        """The tracking URI of the store of a trace that began in this process, and the id of its experiment if that is
        known."""
        ...


class TraceLinks:
    """Links to where MLflow's UI shows traces."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations

    def of(self, cell: CellTrace) -> list[TraceLink]:
        """The links of a cell's traces."""
        if not cell.takes_feedback:
            return []  # no store has them
        found: dict[str | None, list[str]] = {}
        for trace in cell.traces:
            found.setdefault(self._url(cell, trace), []).append(trace)
        if len(found) == 1:
            # Also of those that will yet begin, and without a word of each: a cell may have thousands.
            return [TraceLink(url=known) for known in found if known is not None]
        return [TraceLink(url=known, traces=traces) for known, traces in found.items() if known is not None]

    def _url(self, cell: CellTrace, trace: str) -> str | None:
        store, experiment = self._locations.of(trace) or (cell.tracking_uri, cell.experiments.get(trace))
        ui = None if store is None else of_server(store) or f"{{ui:{ui_name(store)}}}"
        return None if ui is None or experiment is None else trace_url(ui, experiment)


def missing(cell: CellTrace, links: Sequence[TraceLink]) -> int:
    """Number of traces of ``cell`` without a link among ``links``, although a store has them, or will."""
    if not cell.takes_feedback or any("traces" not in link for link in links):
        return 0
    return len(cell.traces) - sum(len(link.get("traces", ())) for link in links)
