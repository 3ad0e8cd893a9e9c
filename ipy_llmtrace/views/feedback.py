"""Feedback on a cell's trace between the kernel and the browser."""

from __future__ import annotations

from collections.abc import Callable

from .. import wire
from ..cells.cell_trace import CellTrace
from ..encoding import span_encoder
from ..redaction.redactor import Redactor
from ..trace.feedback import NAME, Feedback, user

MAX_COMMENT_CHARS = 10_000


class ViewFeedback:
    """What a view shows of the feedback on a cell's traces, and what it gives."""

    def __init__(self, cell: CellTrace, redactor: Redactor) -> None:
        self._cell = cell
        self._redactor = redactor

    @property
    def possible(self) -> bool:
        """Whether any can be given."""
        return self._cell.takes_feedback

    def shown(self) -> list[wire.GivenFeedback]:
        """All there is. It is saved with the notebook: without secrets."""
        self._redactor.refresh()
        return [span_encoder.opinion(given, self._redactor) for given in self._cell.given.all()]

    def listen(self, changed: Callable[[], None]) -> None:
        """Call a method after each change, for as long as its object lives."""
        self._cell.given.listen(changed)

    def take(self, request: wire.FeedbackRequest) -> None:
        """Give the user's feedback; a request about another cell's trace is ignored."""
        trace_id, comment = request["trace"], request.get("comment", "")[:MAX_COMMENT_CHARS]
        if self.possible and trace_id in self._cell.traces:
            given = comment if comment.strip() else None
            self._cell.give(Feedback(trace_id, request.get("span"), NAME, request.get("value"), given, user()))
