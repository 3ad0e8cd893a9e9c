"""What the page asks of one cell's view: a handler for each type of request in `ipy_llmtrace.wire`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import wire
from .cell_messages import EncodedMessages
from .feedback import ViewFeedback
from .page_dispatch import PageDispatch

if TYPE_CHECKING:
    from ..widget import TraceView


class PageRequests(PageDispatch["TraceView"]):
    """Handles the requests of one cell's view."""

    def __init__(self, messages: EncodedMessages, feedback: ViewFeedback) -> None:
        super().__init__()
        self._messages = messages
        self._feedback = feedback
        self.on(wire.Here, self._here)
        self.on(wire.Resync, self._resync)
        self.on(wire.DetailRequest, self._detail)
        self.on(wire.SearchRequest, self._search)
        self.on(wire.FeedbackRequest, self._give_feedback)

    def _here(self, view: TraceView, request: wire.Here) -> None:
        view.rendered(request["seq"])

    def _resync(self, view: TraceView, request: wire.Resync) -> None:
        view.sync()

    def _detail(self, view: TraceView, request: wire.DetailRequest) -> None:
        view.send_packed(self._messages.detail(request["id"]))

    def _search(self, view: TraceView, request: wire.SearchRequest) -> None:
        view.send_packed(self._messages.found(request["number"], request["words"], request["attributes"]))

    def _give_feedback(self, view: TraceView, request: wire.FeedbackRequest) -> None:
        self._feedback.take(request)
