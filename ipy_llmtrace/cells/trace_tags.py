"""What MLflow's store is told of the cell that a trace comes from: its notebook, its number and id, and its code."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ..redaction.redactor import Redactor
from .cell_trace import CellTrace

SESSION_ID = uuid.uuid4().hex
"""What all traces of this kernel have in common: MLflow shows them as one session."""


class CellTags:
    """Makes the tags of a cell's traces: ``notebook.name``, ``notebook.cell_id``, ``notebook.execution_count`` and
    ``notebook.source``. Left out is what is not known, and the code of a cell that made calls whose messages the user hides
    by LiteLLM's switches: it may quote them.

    Parameters
    ----------
    variables
        The notebook's own, where VS Code puts its name.
    """

    def __init__(self, variables: Mapping[str, Any], redactor: Redactor) -> None:
        self._variables = variables
        self._redactor = redactor
        self._latest: tuple[tuple[CellTrace, bool], dict[str, str]] | None = None

    def of(self, cell: CellTrace) -> dict[str, str]:
        """The tags of a cell's traces."""
        # One cell may make thousands of traces.
        if self._latest is None or self._latest[0] != (cell, cell.messages_hidden):
            self._latest = (cell, cell.messages_hidden), self._made(cell)
        return self._latest[1]

    def _made(self, cell: CellTrace) -> dict[str, str]:
        self._redactor.refresh()
        found = {
            "notebook.name": self._notebook(),
            "notebook.cell_id": cell.cell_id,
            "notebook.execution_count": None if cell.execution_count is None else str(cell.execution_count),
            "notebook.source": None if cell.messages_hidden else self._redactor.text(cell.source),
        }
        return {name: value for name, value in found.items() if value}

    def _notebook(self) -> str | None:
        path = self._variables.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
        return PurePath(str(path)).name if path else None
