"""Totals and span ids of a cell whose spans were freed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..options import UsageMistake
from ..trace import tree
from ..trace.span import Span

_ID_BYTES = 8


class SpansUnavailable(UsageMistake, LookupError):
    """Spans were freed, and the store cannot give them back; the message is one line."""


class SpanSource(Protocol):
    """Where freed spans can be had again."""

    def spans_of(self, trace_id: str) -> list[Span]:
        """The spans of a trace. Raises `SpansUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class FreedSpans:
    """Freed spans: their totals, and their ids by trace, in bytes. A trace can hold other cells' spans as well."""

    summary: tree.Summary
    ids: dict[str, bytes]
    source: SpanSource

    @classmethod
    def of(cls, spans: Sequence[Span], source: SpanSource) -> FreedSpans:
        ids: dict[str, bytearray] = {}
        for span in spans:
            ids.setdefault(span.trace_id, bytearray()).extend(bytes.fromhex(span.span_id))
        return cls(tree.summary(spans), {trace_id: bytes(found) for trace_id, found in ids.items()}, source)

    def spans(self) -> list[Span]:
        """Every span that the store has. Raises `SpansUnavailable` when one of the traces cannot be had."""
        return [span for trace_id in self.ids for span in self._of(trace_id)]

    def span(self, span_id: str) -> Span | None:
        """One span; only its trace is fetched. Raises `SpansUnavailable`."""
        wanted = bytes.fromhex(span_id)
        for trace_id, ids in self.ids.items():
            if wanted in _split(ids):
                return next((span for span in self._of(trace_id) if span.span_id == span_id), None)
        return None

    def _of(self, trace_id: str) -> list[Span]:
        known = _split(self.ids[trace_id])
        return [span for span in self.source.spans_of(trace_id) if bytes.fromhex(span.span_id) in known]


def _split(ids: bytes) -> set[bytes]:
    return {ids[at : at + _ID_BYTES] for at in range(0, len(ids), _ID_BYTES)}
