"""What ``3``, ``In[3]``, ``-1`` and ``tr-…`` stand for."""

from __future__ import annotations

from ..options import UsageMistake
from .cell_trace import CellTrace
from .from_store import stored
from .ownership import Cells


def by_reference(cells: Cells, reference: str) -> CellTrace:
    """The trace that ``reference`` names: an execution count (``3``, ``In[3]``), ``-1`` for the newest traced cell, or a trace
    id, of this session or of the store.

    Raises `UsageMistake` with what there is.
    """
    traced = [cell for cell in cells.traced if cell.traces]
    if reference.startswith("tr-"):
        found = [cell for cell in traced if reference in cell.traces]
        return found[-1] if found else stored(reference)
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
