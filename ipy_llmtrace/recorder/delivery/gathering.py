"""What has ended in this process and is in no spool yet. On the user's thread a span is put into a list, no more."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

from ...trace.feedback import Feedback
from . import assessments
from .ended_spans import Collector, EndedSpan, EndedTrace

MAX_GATHERED = 256
"""How many spans may gather before the user's thread helps: MLflow's memory holds 1,000 traces and drops the oldest."""


class Gathering:
    """Ended spans and traces, and feedback, by the tracking URI of their store. Safe to use from several threads."""

    def __init__(self) -> None:
        self._ended: deque[tuple[str, Any]] = deque()
        self._collected: dict[str, list[EndedSpan | EndedTrace]] = {}
        self._taken: dict[str, list[EndedSpan | EndedTrace]] = {}
        self._collectors: dict[str, Collector] = {}
        self._given: deque[tuple[str, Feedback]] = deque()
        self._lock = threading.RLock()

    def put(self, tracking_uri: str, span: Any) -> None:
        """A span has ended."""
        self._ended.append((tracking_uri, span))
        if len(self._ended) >= MAX_GATHERED:
            self.collect()

    def give(self, tracking_uri: str, feedback: Feedback) -> None:
        """Feedback was given."""
        self._given.append((tracking_uri, feedback))

    def collect(self, *, unfinished: bool = False) -> None:
        """Take what has ended, and on request what has begun to end, over from MLflow's memory."""
        with self._lock:
            spans: dict[str, list[Any]] = {}
            while self._ended:
                uri, span = self._ended.popleft()
                spans.setdefault(uri, []).append(span)
            for uri, ended in spans.items():
                collector = self._collectors.setdefault(uri, Collector())
                self._collected.setdefault(uri, []).extend(collector.collect(ended))
            if unfinished:
                for uri, collector in self._collectors.items():
                    self._collected.setdefault(uri, []).extend(collector.unfinished())

    def take(self, *, all_feedback: bool) -> tuple[dict[str, list[EndedSpan | EndedTrace]], list[tuple[str, Feedback]]]:
        """What is to be spooled now, until `spooled` is called.

        Parameters
        ----------
        all_feedback
            Also feedback whose trace is not on its way to its store, which takes none before.
        """
        with self._lock:
            self.collect()
            self._taken, self._collected = self._collected, {}
            return self._taken, list(self._ripe(all_feedback))

    def spooled(self) -> None:
        """What was taken last is in the spools."""
        self._taken = {}

    def trace_ids(self) -> set[str]:
        """The traces of which something has ended that is not spooled yet."""
        with self._lock:
            items = [item for held in (self._collected, self._taken) for items in held.values() for item in items]
            return {f"tr-{span.context.trace_id:032x}" for _, span in self._ended} | {item.trace_id for item in items}

    def _ripe(self, everything: bool) -> Iterator[tuple[str, Feedback]]:
        for _ in range(len(self._given)):
            uri, feedback = self._given.popleft()
            if everything or not assessments.is_open(feedback.trace_id):
                yield uri, feedback
            else:
                self._given.append((uri, feedback))
