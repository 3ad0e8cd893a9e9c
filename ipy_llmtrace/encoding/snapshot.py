"""Spans encoded for the browser, each once, and what is put together from them: the rows of a message, a snapshot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from .. import wire
from ..redaction.redactor import Redactor
from ..trace import tree
from ..trace.span import Span
from . import span_encoder
from .columns import columns
from .envelope import PLAIN_BYTES, json_text, pack

_STRINGS = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')


@dataclass(slots=True, frozen=True)
class Encoded:
    """A span for the browser. ``detail`` is JSON, empty where there is nothing in it, ``None`` where it is left out."""

    row: wire.Row
    detail: str | None


def encoded(span: Span, origin_ns: int, redactor: Redactor, limit_chars: int | None = span_encoder.LIMIT_CHARS) -> Encoded:
    """A span's row and detail; parameters as in `encode.row` and `encode.detail`."""
    row = span_encoder.row(span, origin_ns, redactor)
    detail = span_encoder.detail(span, redactor, origin_ns, limit_chars)
    replies = detail["chat"]["replies"] if "chat" in detail else []
    if calls := sum(len(reply.get("tool_calls", ())) for reply in replies):
        row["tool_calls"] = calls
    return Encoded(row, json_text(detail) if detail else "")


def rows(spans: Sequence[Encoded]) -> wire.Columns:
    """The columns of the spans."""
    return columns([span.row for span in spans], [2 if span.detail is None else int(span.detail != "") for span in spans])


def details(spans: Iterable[Encoded]) -> list[str]:
    """The details that there are, in the order of the spans."""
    return [span.detail for span in spans if span.detail]


@dataclass(slots=True, frozen=True)
class Snapshot:
    """A snapshot before it is packed: everything known of a cell's spans after the delta numbered ``seq``.

    Parameters
    ----------
    origin_ns
        What the times of the spans count from, in nanoseconds since the Unix epoch.
    total
        What the spans come to.
    notes, links
        As in `wire.Snapshot`.
    """

    spans: Sequence[Encoded]
    cell: wire.Cell
    seq: int
    origin_ns: int
    total: tree.Summary
    notes: Sequence[str] = ()
    links: Sequence[wire.TraceLink] = ()

    def packed(self, plain_bytes: int = PLAIN_BYTES) -> wire.Packed:
        """The envelope; binary from ``plain_bytes`` on."""
        head = wire.Snapshot(
            v=wire.WIRE_VERSION,
            seq=self.seq,
            cell=self.cell,
            origin_ms=self.origin_ns / 1e6,
            rows=rows(self.spans),
            summary=span_encoder.summary(self.total),
            notes=list(self.notes),
        )
        if self.links:
            head["links"] = list(self.links)
        return pack(head, details(self.spans), plain_bytes)


def shortened(span: Encoded, limit_chars: int | None) -> Encoded:
    """The span with strings of its detail longer than ``limit_chars`` shortened."""
    if limit_chars is None or not span.detail or not any(len(text) > limit_chars for text in _STRINGS.findall(span.detail)):
        return span
    detail = cast(wire.Detail, json.loads(span.detail))
    return Encoded(span.row, json_text(span_encoder.shortened(detail, limit_chars)))
