"""Which records of a spool go to the store next, and which traces the store does not take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from .spool import Spool
from .spool_record import Entry

BATCH_RECORDS, BATCH_TRACES = 512, 64
"""How many records, of how many traces, go to the store at once: what is stored again after a crash."""

PATIENCE_S = 5.0
"""Spans of a trace that runs on are stored when they are so old."""


class Taker(Protocol):
    @property
    def whole_traces_only(self) -> bool: ...


class Batches:
    """Chooses the batches for one store.

    Parameters
    ----------
    store
        It may turn out later that it takes whole traces only.
    own
        The spool of this process, which may get more records of the traces in it.

    Attributes
    ----------
    refused
        Why the store does not take a trace, by its id; such a trace is in no batch until this is cleared.
    """

    def __init__(self, store: Taker, own: Spool) -> None:
        self.refused: dict[str, str] = {}
        self._store = store
        self._own = own
        self._started: set[str] = set()
        self._one_by_one = 0

    def next(self, spool: Spool, now: float, *, urgent: bool) -> list[Entry]:
        """The records to store next; none if none is ready.

        Parameters
        ----------
        now
            Monotonic, in seconds.
        urgent
            Spans of a trace that runs on need not be old.
        """
        limit = 1 if self._one_by_one else BATCH_TRACES
        entries: list[Entry] = []
        traces = 0
        for trace_id, left in spool.traces():
            if trace_id in self.refused:
                continue
            ready = self._ready(trace_id, left, urgent or spool is not self._own, now)
            if ready:
                entries += ready
                traces += 1
            if len(entries) >= BATCH_RECORDS or traces >= limit:
                break
            if self._store.whole_traces_only and entries:
                break
        return entries if self._store.whole_traces_only else entries[:BATCH_RECORDS]

    def stored(self, traces: Iterable[str], spool: Spool) -> None:
        """The store has taken a batch with records of ``traces``."""
        for trace_id in traces:
            (self._started.add if trace_id in spool.waiting else self._started.discard)(trace_id)
        self._one_by_one = max(0, self._one_by_one - 1)

    def not_taken(self, traces: Sequence[str], reason: str) -> bool:
        """The store refuses a batch with records of ``traces``: whether it is now known which trace it refuses. Of several,
        each is tried alone."""
        if len(traces) > 1:
            self._one_by_one = len(traces)
            return False
        self._one_by_one = max(0, self._one_by_one - 1)
        self.refused.update(dict.fromkeys(traces, reason))
        return True

    def _ready(self, trace_id: str, left: list[Entry], at_once: bool, now: float) -> list[Entry]:
        """What of a trace can be stored now: the record of the trace itself comes before its spans, and feedback last."""
        ended = [entry for entry in left if entry.kind == "trace"]
        spans = [entry for entry in left if entry.kind == "span"]
        if ended or not spans:
            return [*ended, *spans, *(entry for entry in left if entry.kind == "feedback")]
        if self._store.whole_traces_only:
            return []
        if at_once or trace_id in self._started:
            return left
        return [entry for entry in left if now - entry.since >= PATIENCE_S]
