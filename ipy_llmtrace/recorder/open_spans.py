"""The spans that are open, and who may still end them.

A span of ``mlflow.start_span_no_context`` ends when its code says so. After an interrupt that code is gone, unless another
thread or task has it; then the span would run for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from opentelemetry.sdk.trace import ReadableSpan

from .runner import Runner


@dataclass(slots=True)
class _Open:
    span: ReadableSpan
    runner: Runner = field(default_factory=Runner)


class OpenSpans:
    """By span id."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def began(self, span_id: str, span: ReadableSpan) -> None:
        """Called by the code that begins it."""
        self._open[span_id] = _Open(span)

    def ended(self, span_id: str) -> None:
        self._open.pop(span_id, None)

    def left(self, mine: Callable[[str], bool]) -> dict[str, ReadableSpan]:
        """The open spans among ``mine`` that were begun by the code that is ending now, on this thread, or on one that is
        no more."""
        alive = {thread.ident for thread in threading.enumerate()}
        here = threading.get_ident()
        found = {span_id: each for span_id, each in list(self._open.items()) if mine(span_id)}
        return {
            span_id: each.span
            for span_id, each in found.items()
            if each.runner.thread not in alive or each.runner.has_left(here)
        }

    def has_of(self, trace_id: str) -> bool:
        """Whether one is of this trace."""
        contexts = [each.span.context for each in list(self._open.values())]
        return any(context is not None and trace_id.endswith(f"{context.trace_id:032x}") for context in contexts)
