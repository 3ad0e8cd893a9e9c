"""The messages about one cell to the browser, packed: deltas, the snapshot, replies to requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from .. import wire
from ..cells.cell_trace import CellTrace
from ..cells.freed_spans import SpansUnavailable
from ..clock import monotonic
from ..encoding import saved_snapshot, span_encoder
from ..encoding.envelope import pack
from ..encoding.snapshot import Encoded, Snapshot, details, encoded, rows
from ..mlflow_ui.links import TraceLinks, missing
from ..recorder import Streamed
from ..redaction.redacted_stream import RedactedStream
from ..redaction.redactor import Redactor
from ..trace import tree
from ..trace.span import Span
from .message_search import search

SUMMARY_SHARE = 20
"""Summing up a cell costs as much as it has spans; while it runs it may take one part in so many of the time."""

DELTA_PLAIN_BYTES = 512
"""A longer delta is deflated: nobody reads it in a file, and of messages the bytes count."""


class Footer(Protocol):
    """What a view says below the tree, as `ipy_llmtrace.views.cell_view.CellView` does."""

    def footer(self) -> list[str]:
        """Plain sentences."""
        ...


class EncodedMessages:
    """Makes a cell's messages.

    Parameters
    ----------
    footer
        Has the notes of snapshots.
    links
        Makes the links to MLflow's UI.
    max_bytes
        Most bytes that the snapshot of a cell that has run may take in the notebook file.
    """

    def __init__(self, cell: CellTrace, redactor: Redactor, footer: Footer, links: TraceLinks, max_bytes: int) -> None:
        self._cell = cell
        self._redactor = redactor
        self._footer = footer
        self._links = links
        self._missing_links = 0
        self._max_bytes = max_bytes
        self._origin_ns = cell.roots[0].start_ns
        self._streams: dict[str, RedactedStream] = {}
        self._encoded: dict[str, tuple[Span, int | None, Encoded]] = {}
        self._encoded_for = redactor.generation
        self._saved: tuple[tuple[object, ...], wire.Packed] | None = None
        self._total: wire.Summary | None = None
        self._total_due = 0.0

    def delta(self, seq: int, touched: Sequence[Span], streamed: Sequence[Streamed]) -> wire.Packed | None:
        """Delta number ``seq``: spans began, changed or ended (``touched``), or brought text; ``None`` if none shows."""
        self._refresh()
        changed = [self._encode(span) for span in touched]
        texts: list[wire.TextChange] = []
        brought = {s.span_id for s in streamed}
        for span in [span for span in self._cell.spans if span.span_id in brought] if brought else []:
            piece = self._piece(span)
            if piece is None:
                changed.append(self._encode(span))
            elif piece:
                texts.append(wire.TextChange(id=span.span_id, text=piece))
        if not changed and not texts:
            return None
        delta = wire.Delta(v=wire.WIRE_VERSION, kind="delta", seq=seq, summary=self._summary())
        if changed:
            delta["rows"] = rows(changed)
        if texts:
            delta["texts"] = texts
        return pack(delta, details(changed), DELTA_PLAIN_BYTES)

    def snapshot(self, seq: int) -> wire.Packed:
        """Everything known after delta number ``seq``; of a cell that has run, what the notebook saves."""
        cell = self._cell
        if self._saved is not None and not cell.in_memory:
            return self._saved[1]
        self._refresh()
        spans, notes, links = cell.spans, span_encoder.notes(self._footer.footer(), self._redactor), self._links.of(cell)
        self._missing_links = missing(cell, links)
        is_over = cell.finished and not cell.running
        made_of = seq, len(spans), notes, links, self._encoded_for
        if is_over and self._saved is not None and self._saved[0] == made_of:
            return self._saved[1]
        snapshot = Snapshot(
            [self._known(span) for span in spans], _wire_cell(cell), seq, self._origin_ns, tree.summary(spans), notes, links
        )
        if not is_over:
            return snapshot.packed()
        self._saved = made_of, saved_snapshot.kept(snapshot, self._max_bytes)
        # A second copy of all that was said, which only a further change would need.
        self._encoded.clear()
        return self._saved[1]

    @property
    def lacks_links(self) -> bool:
        """Whether the newest snapshot lacks the link of a trace: nobody knew yet in which experiment it is."""
        return self._missing_links > 0 and self._cell.in_memory

    def has_more_links(self) -> bool:
        """Whether a snapshot made now would lack fewer."""
        return missing(self._cell, self._links.of(self._cell)) < self._missing_links

    def forget_encoded(self) -> None:
        """No delta will follow: what only one would need keeps spans in memory."""
        self._encoded.clear()

    def detail(self, span_id: str) -> wire.Packed:
        """The whole detail of a span."""
        self._refresh()
        reply = wire.DetailReply(v=wire.WIRE_VERSION, kind="detail", id=span_id)
        try:
            span = self._cell.span(span_id)
        except SpansUnavailable as gone:
            reply["reason"] = str(gone)
            return pack(reply)
        if span is None:
            reply["reason"] = "this span is neither in the kernel's memory nor in the store"
        else:
            reply["detail"] = span_encoder.detail(span, self._redactor, self._origin_ns, limit_chars=None)
        return pack(reply)

    def found(self, number: int, words: list[str], attributes: list[tuple[str, str]]) -> wire.Packed:
        """The answer to search number ``number`` for ``words`` and ``attributes``."""
        try:
            return pack(search(self._cell.spans, words, attributes, number))
        except SpansUnavailable as gone:
            return pack(wire.SearchReply(v=wire.WIRE_VERSION, kind="search", number=number, ids=[], note=str(gone)))

    def _refresh(self) -> None:
        """What was encoded before a secret was known may hold it."""
        self._redactor.refresh()
        if self._encoded_for != self._redactor.generation:
            self._encoded_for = self._redactor.generation
            self._encoded.clear()

    def _encode(self, span: Span) -> Encoded:
        """A span as it is now, kept for the next snapshot: it is encoded when it begins and when it ends."""
        found = encoded(self._holding_back(span), self._origin_ns, self._redactor)
        self._encoded[span.span_id] = span, span.first_token_ns, found
        return found

    def _known(self, span: Span) -> Encoded:
        """A span as it was encoded, unless it has changed: one that changes is another object, or has brought text. Of that
        only what was sent is shown: the next delta brings what follows it."""
        stream = self._streams.get(span.span_id)
        known = self._encoded.get(span.span_id)
        if stream is None and known is not None and known[0] is span and known[1] == span.first_token_ns:
            return known[2]
        if span.end_ns is None and span.text:
            return encoded(replace(span, text="" if stream is None else stream.shown), self._origin_ns, self._redactor)
        return self._encode(span)

    def _piece(self, span: Span) -> str | None:
        """What a stream has brought beyond what was sent of it; ``None`` if what was sent is no longer its beginning."""
        stream = self._streams.get(span.span_id)
        sent_chars = 0 if stream is None else len(stream.shown)
        if stream is None or stream.generation == self._redactor.generation:
            return self._holding_back(span).text[sent_chars:]
        sent, safe = stream.shown, self._holding_back(span).text
        return safe[sent_chars:] if safe.startswith(sent) else None

    def _holding_back(self, span: Span) -> Span:
        """A running stream's span with its text as far as no secret may be half there, redacted."""
        if span.end_ns is not None or not span.text:
            self._streams.pop(span.span_id, None)
            return span
        stream = self._streams.get(span.span_id)
        if stream is None or stream.generation != self._redactor.generation:
            stream = self._streams[span.span_id] = self._redactor.stream()
        stream.advance(span.text)
        return replace(span, text=stream.shown)

    def _summary(self) -> wire.Summary:
        now = monotonic()
        if self._total is None or now >= self._total_due or not self._cell.running:
            self._total = span_encoder.summary(tree.summary(self._cell.spans))
            self._total_due = now + SUMMARY_SHARE * (monotonic() - now)
        return self._total


def _wire_cell(cell: CellTrace) -> wire.Cell:
    value: wire.Cell = {"label": cell.label}
    if cell.execution_count is not None:
        value["execution_count"] = cell.execution_count
    if cell.cell_id is not None:
        value["cell_id"] = cell.cell_id
    return value
