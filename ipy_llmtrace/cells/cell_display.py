"""What shows cells, as the change feed sees it."""

from __future__ import annotations

from typing import Protocol

from ..recorder import Change
from .cell_trace import CellTrace


class CellDisplay(Protocol):
    """Shows what happens to cells. Never called on two threads at once."""

    def update(self, cell: CellTrace, changes: list[Change]) -> None:
        """Spans of ``cell``, which are in memory, began, brought text or ended."""
        ...

    def tick(self) -> None:
        """Time has passed."""
        ...

    def due_s(self) -> float | None:
        """Seconds until `tick` has something to do although nothing changed; ``None``: never."""
        ...
