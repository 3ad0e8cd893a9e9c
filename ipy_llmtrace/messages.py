"""What the browser is told of one cell: the deltas, the snapshot, and answers to its questions, packed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from . import encode, saved, tree, wire
from .cells import CellTrace
from .kept import Gone
from .recorder import Streamed
from .redact import Redactor
from .search import search
from .span import Span

SUMMARY_SHARE = 20
"""Summing up a cell costs as much as it has spans; while it runs it may take one part in so many of the time."""

DELTA_PLAIN_BYTES = 2_048
"""A longer delta is deflated: nobody reads it in a file, and of messages the bytes count."""


class Messages:
    """Makes a cell's messages.

    Parameters
    ----------
    notes
        Plain sentences for the footer.
    links
        Where the traces of these ids can be seen beside the notebook.
    max_bytes
        What the snapshot of a cell that has run may take in the notebook file.
    """

    def __init__(
        self,
        cell: CellTrace,
        redactor: Redactor,
        notes: Callable[[], list[str]],
        links: Callable[[list[str]], list[wire.TraceLink]],
        max_bytes: int,
    ) -> None:
        self._cell = cell
        self._redactor = redactor
        self._notes = notes
        self._links = links
        self._max_bytes = max_bytes
        self._origin_ns = cell.roots[0].start_ns
        self._streamed: dict[str, str] = {}
        self._last: wire.Packed | None = None
        self._total: wire.Summary | None = None
        self._total_due = 0.0

    def delta(self, seq: int, touched: Sequence[Span], streamed: Sequence[Streamed]) -> wire.Packed | None:
        """Delta number ``seq``: spans began, changed or ended (``touched``), or brought text; ``None`` if none shows."""
        self._redactor.refresh()
        brought = {s.span_id for s in streamed}
        changes: list[wire.SpanChange | wire.TextChange] = [self._span_change(span) for span in touched]
        changes += [self._text_change(span) for span in self._cell.spans if span.span_id in brought] if brought else []
        changes = [change for change in changes if change["op"] == "span" or change["text"]]
        if not changes:
            return None
        delta = wire.Delta(v=wire.WIRE_VERSION, kind="delta", seq=seq, changes=changes, summary=self._summary())
        return encode.pack(delta, DELTA_PLAIN_BYTES)

    def snapshot(self, seq: int) -> wire.Packed:
        """All that is known after delta number ``seq``; of a cell that has run, what the notebook keeps."""
        cell = self._cell
        if self._last is not None and not cell.in_memory:
            return self._last
        self._redactor.refresh()
        spans = [
            span if span.end_ns is not None else replace(span, text=self._streamed.get(span.span_id, "")) for span in cell.spans
        ]
        found = encode.snapshot(spans, _wire_cell(cell), seq, self._origin_ns, self._notes(), self._redactor)
        if links := self._links(cell.traces):
            found["links"] = links
        if cell.finished and not cell.running:
            found = saved.kept(found, self._max_bytes)
        self._last = encode.pack(found)
        return self._last

    def detail(self, span_id: str) -> wire.Packed:
        """The whole detail of a span."""
        self._redactor.refresh()
        reply = wire.DetailReply(v=wire.WIRE_VERSION, kind="detail", id=span_id)
        try:
            span = self._cell.span(span_id)
        except Gone as gone:
            reply["reason"] = str(gone)
            return encode.pack(reply)
        if span is None:
            reply["reason"] = "this span is neither in the kernel's memory nor in the store"
        else:
            reply["detail"] = encode.detail(span, self._redactor, self._origin_ns, limit_chars=None)
        return encode.pack(reply)

    def found(self, number: int, words: list[str]) -> wire.Packed:
        """The answer to search number ``number`` for ``words``."""
        try:
            return encode.pack(search(self._cell.spans, words, number))
        except Gone as gone:
            return encode.pack(wire.SearchReply(v=wire.WIRE_VERSION, kind="search", number=number, ids=[], note=str(gone)))

    def _span_change(self, span: Span) -> wire.SpanChange:
        whole = self._holding_back(span)
        row = encode.row(span, self._origin_ns, self._redactor)
        return {"op": "span", "row": row, "detail": encode.detail(whole, self._redactor, self._origin_ns)}

    def _text_change(self, span: Span) -> wire.TextChange | wire.SpanChange:
        sent = self._streamed.get(span.span_id, "")
        safe = self._holding_back(span).text
        if not safe.startswith(sent):
            return self._span_change(span)
        return {"op": "text", "id": span.span_id, "text": safe[len(sent) :]}

    def _holding_back(self, span: Span) -> Span:
        """A running stream's span with its text up to the last white space, redacted: the pieces of a secret would not be
        known for one."""
        if span.end_ns is not None or not span.text:
            self._streamed.pop(span.span_id, None)
            return span
        whole = span.text[: max(span.text.rfind(" "), span.text.rfind("\n")) + 1]
        self._streamed[span.span_id] = self._redactor.text(whole)
        return replace(span, text=self._streamed[span.span_id])

    def _summary(self) -> wire.Summary:
        now = time.monotonic()
        if self._total is None or now >= self._total_due or not self._cell.running:
            self._total = encode.summary(tree.summary(self._cell.spans))
            self._total_due = now + SUMMARY_SHARE * (time.monotonic() - now)
        return self._total


def _wire_cell(cell: CellTrace) -> wire.Cell:
    value: wire.Cell = {"label": cell.label}
    if cell.execution_count is not None:
        value["execution_count"] = cell.execution_count
    if cell.cell_id is not None:
        value["cell_id"] = cell.cell_id
    return value
