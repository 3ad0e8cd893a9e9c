"""Links from the views into MLflow's own UI: each leads to the store that has the trace, or there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..cells.cell_trace import CellTrace
from ..wire import TraceLink
from .addresses import of_server, ui_name


def links(
    cell: CellTrace, place_of: Callable[[str], tuple[str, str | None] | None], url: Callable[[str, str], str]
) -> list[TraceLink]:
    """Where MLflow's UI shows the traces of ``cell``.

    Parameters
    ----------
    place_of
        The tracking URI of the store of a trace that began in this process, and the id of its experiment if that is known.
    url
        Makes the URL of a trace in an experiment from a UI's address and the experiment's id.
    """
    if not cell.takes_feedback:
        return []  # no store has them
    found: dict[str | None, list[str]] = {}
    for trace in cell.traces:
        store, experiment = place_of(trace) or (cell.tracking_uri, cell.experiments.get(trace))
        ui = None if store is None else of_server(store) or f"{{ui:{ui_name(store)}}}"
        found.setdefault(None if ui is None or experiment is None else url(ui, experiment), []).append(trace)
    if len(found) == 1:
        # Also of those that will yet begin, and without a word of each: a cell may have thousands.
        return [TraceLink(url=known) for known in found if known is not None]
    return [TraceLink(url=known, traces=traces) for known, traces in found.items() if known is not None]


def without(cell: CellTrace, found: Sequence[TraceLink]) -> int:
    """How many traces of ``cell`` the links ``found`` leave out that a store has, or will."""
    if not cell.takes_feedback or any("traces" not in link for link in found):
        return 0
    return len(cell.traces) - sum(len(link.get("traces", ())) for link in found)
