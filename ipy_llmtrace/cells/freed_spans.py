"""What is kept of a cell whose spans have left the memory: what they come to, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..options import UsageMistake
from ..trace import tree
from ..trace.span import Span

Fetch = Callable[[str], list[Span]]
"""The spans of a trace, by its id, from the store. Raises `Gone`."""

_ID_BYTES = 8


class Gone(UsageMistake, LookupError):
    """Spans have left the memory, and the store cannot give them; the message is one line."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The sums of some spans, and their ids by trace, in bytes: a trace can hold other cells' spans as well."""

    summary: tree.Summary
    ids: dict[str, bytes]
    fetch: Fetch

    @classmethod
    def of(cls, spans: Sequence[Span], fetch: Fetch) -> Kept:
        ids: dict[str, bytearray] = {}
        for span in spans:
            ids.setdefault(span.trace_id, bytearray()).extend(bytes.fromhex(span.span_id))
        return cls(tree.summary(spans), {trace_id: bytes(found) for trace_id, found in ids.items()}, fetch)

    def spans(self) -> list[Span]:
        """Every span that the store has. Raises `Gone` when one of the traces cannot be had."""
        return [span for trace_id in self.ids for span in self._of(trace_id)]

    def span(self, span_id: str) -> Span | None:
        """One span, of whose trace alone the store is asked. Raises `Gone`."""
        wanted = bytes.fromhex(span_id)
        for trace_id, ids in self.ids.items():
            if wanted in _split(ids):
                return next((span for span in self._of(trace_id) if span.span_id == span_id), None)
        return None

    def _of(self, trace_id: str) -> list[Span]:
        known = _split(self.ids[trace_id])
        return [span for span in self.fetch(trace_id) if bytes.fromhex(span.span_id) in known]


def _split(ids: bytes) -> set[bytes]:
    return {ids[at : at + _ID_BYTES] for at in range(0, len(ids), _ID_BYTES)}
