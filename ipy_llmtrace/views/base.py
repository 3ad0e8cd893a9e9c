"""How a cell's trace is shown. Here: not at all, or as text printed after the cell; `.live.LiveViews` shows it live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ..cells.cell_trace import CellTrace
from ..recorder import Streamed
from ..redaction.redactor import Redactor
from ..render import text
from ..trace.span import Span


class Views(Protocol):
    """Told, on the feed's thread, what happened to a cell."""

    def update(self, cell: CellTrace, touched: Sequence[Span], streamed: Sequence[Streamed]) -> None:
        """Spans of ``cell`` began, changed or ended (``touched``), or brought text (``streamed``)."""
        ...

    def executed(self, cell: CellTrace) -> None:
        """The cell's code has run."""
        ...

    def settled(self, cell: CellTrace) -> None:
        """The cell's code has run and no span of it runs."""
        ...

    def forget(self, cell: CellTrace) -> None:
        """The cell's output is gone."""
        ...

    def cleared(self, cell_id: str) -> None:
        """What the notebook's cell of this id has shown is gone."""
        ...

    def result(self, cell: CellTrace, cell_id: str | None) -> dict[str, Any] | None:
        """The MIME bundle of a trace that is the last value of the notebook's cell of this id; ``None``: show the value as it
        is."""
        ...

    def tick(self) -> None:
        """Time has passed."""
        ...

    def due_s(self) -> float | None:
        """Seconds until `tick` has something to do; ``None``: never."""
        ...

    def close(self) -> None:
        """No more views."""
        ...


class NoViews:
    """``--view off``; also the base of the others."""

    def update(self, cell: CellTrace, touched: Sequence[Span], streamed: Sequence[Streamed]) -> None:
        pass

    def executed(self, cell: CellTrace) -> None:
        pass

    def settled(self, cell: CellTrace) -> None:
        pass

    def forget(self, cell: CellTrace) -> None:
        pass

    def cleared(self, cell_id: str) -> None:
        pass

    def result(self, cell: CellTrace, cell_id: str | None) -> dict[str, Any] | None:
        return None

    def tick(self) -> None:
        pass

    def due_s(self) -> float | None:
        return None

    def close(self) -> None:
        pass


class TextViews(NoViews):
    """``--view text``, and terminals: the tree, printed after the cell."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def executed(self, cell: CellTrace) -> None:
        if cell.roots:
            self._redactor.refresh()
            print(text.text(cell.spans, cell.label, redactor=self._redactor))

    def result(self, cell: CellTrace, cell_id: str | None) -> dict[str, Any] | None:
        # Printed, and the value after it: IPython has a text form of its own for a list, whatever a bundle says.
        self.executed(cell)
        return None
