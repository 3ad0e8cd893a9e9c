"""The spans of one cell: in memory while they are new, then freed, and fetched from the store when somebody asks."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from ..recorder import Change, Ended, Streamed
from ..trace import tree
from ..trace.span import Span
from .freed_spans import FreedSpans, SpanSource


class CellSpans:
    """Spans by id, and the tree that they make. Safe to use from several threads.

    Attributes
    ----------
    size_chars
        Size of the spans in memory, as `Span.size_chars`.
    """

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.size_chars = 0
        self._spans = {span.span_id: span for span in spans}
        self._roots: list[Span] | None = None
        self._freed: FreedSpans | None = None
        self._lock = threading.RLock()

    def __len__(self) -> int:
        freed = self._freed
        return len(self._spans) if freed is None else freed.summary.spans

    @property
    def in_memory(self) -> bool:
        """Whether the spans are in memory."""
        return self._freed is None

    @property
    def ids(self) -> list[str]:
        """The ids of the spans in memory."""
        with self._lock:
            return list(self._spans)

    @property
    def roots(self) -> list[Span]:
        """The spans without a parent, by start. Raises `SpansUnavailable`."""
        while True:
            self.recall()
            with self._lock:
                if self._freed is not None:
                    continue  # freed again meanwhile
                if self._roots is None:
                    self._roots = tree.build(self._spans.values())
                return self._roots

    @property
    def traces(self) -> list[str]:
        """The trace ids, by start."""
        with self._lock:
            if self._freed is not None:
                return list(self._freed.ids)
        return list(dict.fromkeys(span.trace_id for span in self.roots))

    @property
    def summary(self) -> tree.Summary:
        """Totals, which are known without the spans, too."""
        with self._lock:
            if self._freed is not None:
                return self._freed.summary
        return tree.summary(self.roots)

    @property
    def running(self) -> bool:
        """Whether a span still runs."""
        with self._lock:
            return any(span.end_ns is None for span in self._spans.values())

    def span(self, span_id: str) -> Span | None:
        """One span; of freed ones only its trace is fetched. Raises `SpansUnavailable`."""
        with self._lock:
            freed, found = self._freed, self._spans.get(span_id)
        return found if found is not None or freed is None else freed.span(span_id)

    def free(self, source: SpanSource) -> None:
        """Keep only totals and ids; ``source`` has the spans from now on."""
        with self._lock:
            self._freed = FreedSpans.of([span for _, span in tree.walk(self.roots)], source)
            self._spans, self._roots, self.size_chars = {}, [], 0

    def recall(self) -> None:
        """Have the spans in memory again; the store may take its time. Raises `SpansUnavailable`."""
        freed = self._freed
        if freed is None:
            return
        spans = freed.spans()  # without the lock: what happens meanwhile does not wait for a store
        with self._lock:
            if self._freed is freed:
                self._spans = {span.span_id: span for span in spans} | self._spans
                self._freed, self._roots = None, None
                self.size_chars = sum(span.size_chars for span in self._spans.values())

    def apply(self, changes: Iterable[Change]) -> tuple[list[Span], list[Streamed]]:
        """Take changes in; nothing is fetched for it.

        Returns
        -------
        touched
            The spans that began, changed or ended.
        streamed
            The text of spans that are still running and have not changed otherwise.
        """
        touched: dict[str, Span] = {}
        streamed: list[Streamed] = []
        changes = list(changes)
        # What a span is when it has ended, its end alone knows in full: MLflow may have forgotten its attachments.
        ends = {change.span_id: change for change in changes if isinstance(change, Ended)}
        with self._lock:
            for change in changes:
                if isinstance(change, Streamed):
                    span = self._spans.get(change.span_id)
                    if span is not None and span.end_ns is None:
                        span.text += change.text
                        if span.first_token_ns is None:
                            span.first_token_ns = change.time_ns
                            touched[span.span_id] = span
                        streamed.append(change)
                    continue
                if isinstance(change, Ended) and (seen := touched.get(change.span_id)) is not None and seen.end_ns is not None:
                    continue  # it was read when it had ended already
                touched[change.span_id] = self._put(ends.get(change.span_id, change).read())
        return list(touched.values()), [s for s in streamed if s.span_id not in touched]

    def _put(self, span: Span) -> Span:
        before = self._spans.get(span.span_id)
        if before is not None:
            span.text = before.text
            self.size_chars -= before.size_chars
        self.size_chars += span.size_chars
        self._spans[span.span_id] = span
        self._roots = None
        return span
