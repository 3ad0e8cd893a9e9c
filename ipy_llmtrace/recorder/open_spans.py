"""The spans that are open, and who may still end them.

A span of ``mlflow.start_span_no_context`` ends when its code says so. After an interrupt that code is gone, unless another
thread or task has it; then the span would run for ever.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Container
from dataclasses import dataclass, field

from opentelemetry.sdk.trace import ReadableSpan

from .code_identity import Runner


@dataclass(slots=True)
class _Open:
    # Weak: one that MLflow and the user have forgotten is ended by nobody.
    span: weakref.ref[ReadableSpan]
    trace: str
    runner: Runner = field(default_factory=Runner)


class OpenSpans:
    """By span id."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def began(self, span_id: str, span: ReadableSpan) -> None:
        """Called by the code that begins it."""
        assert span.context is not None
        kept = weakref.ref(span, lambda _: self.ended(span_id))
        self._open[span_id] = _Open(kept, f"{span.context.trace_id:032x}")

    def ended(self, span_id: str) -> None:
        self._open.pop(span_id, None)

    def left(self, span_ids: Container[str]) -> dict[str, ReadableSpan]:
        """The open spans among these that were begun by the code that is ending now, on this thread, or on one that is
        no more. They count as ended from now on."""
        alive = {thread.ident for thread in threading.enumerate()}
        here = threading.get_ident()
        found: dict[str, ReadableSpan] = {}
        for span_id, each in self._open.copy().items():
            if span_id in span_ids and (each.runner.thread not in alive or each.runner.has_left(here)):
                self.ended(span_id)
                if (span := each.span()) is not None:
                    found[span_id] = span
        return found

    def has_of(self, trace_id: str) -> bool:
        """Whether one is of this trace."""
        # In one step, as the garbage collector may take a span away meanwhile.
        return any(trace_id.endswith(each.trace) for each in self._open.copy().values())
