"""Brings what is spooled for one store there, on a thread of its own, and tries again for as long as the process lives."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from ...background import in_background
from .mlflow_store import Refused, Unavailable, WholeTracesOnly
from .quiet_logging import quiet
from .spool import Spool
from .spool_record import Entry, Record
from .status import DeliveryStatus

BATCH_RECORDS, BATCH_TRACES = 512, 64
"""How many records, of how many traces, go to the store at once: what is stored again after a crash."""

QUIET_S = 0.5
"""Delivery begins when nothing has ended for so long: it would only take the processor from the user's calls ..."""

PATIENCE_S = 5.0
"""... but no later than this. Spans of a trace that runs on are stored when they are so old."""

RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""How long after each failure in a row the store is tried again; the last repeats."""

GIVE_UP_FAILURES = 3
"""A flush and the end of a process try so often: two processes that begin with a new database at the same time get in each
other's way once."""

GIVE_UP_S = 10.0
"""... and no longer than this after the first of them."""

SILENT_S = 20.0
"""So long a store may take for a batch before it is said: MLflow's own calls wait and retry for minutes."""

LOOK_AGAIN_S = 30.0
"""How often to look for what a process that has died meanwhile left."""

THREAD_NAME = "llmtrace-store"


class Target(Protocol):
    """What takes records, as `ipy_llmtrace.recorder.delivery.mlflow_store.Store` does."""

    place: str
    turn: threading.Lock
    whole_traces_only: bool

    def check(self) -> None: ...

    def put(self, records: Sequence[dict[str, Any]]) -> None: ...


class Delivery:
    """One store's thread.

    Parameters
    ----------
    spool
        What this process has to store.
    take_over
        What dead processes have left for this store; called on the thread, now and again.
    changed
        Called on the thread when `status` has got better or worse.
    """

    def __init__(
        self, store: Target, spool: Spool, take_over: Callable[[], Iterator[Spool]], changed: Callable[[], None]
    ) -> None:
        self.spool = spool
        self._store = store
        self._take_over = take_over
        self._changed = changed
        self._earlier: list[Spool] = []
        self._look_at = 0.0
        self._retry_at = 0.0
        self._failures = 0
        self._failed_at = 0.0
        self._reason: str | None = None
        self._putting_since: float | None = None
        self._refused: dict[str, str] = {}
        self._started: set[str] = set()
        self._one_by_one = 0
        self._damaged = 0
        self._last_append = 0.0
        self._urgent = False
        self._finishing = False
        self._ended = False
        self._wake = threading.Event()
        self._progress = threading.Condition()
        self._thread: threading.Thread | None = None

    def append(self, records: list[Record]) -> None:
        """Spool records; on disk when this returns."""
        self.spool.append(records)
        self._last_append = time.monotonic()
        self._wake.set()
        if self._reason is not None or self.spool.problem is not None:
            self._changed()

    def start(self) -> None:
        if self._thread is None:
            self._thread = in_background(self._run, THREAD_NAME)

    def status(self) -> DeliveryStatus:
        earlier = sum(len(spool.waiting) for spool in self._earlier)
        spools = [self.spool, *self._earlier]
        return DeliveryStatus(
            waiting=len(self.spool.waiting) + earlier,
            earlier=earlier,
            refused=len(self._refused),
            reason=self._reason or self._silence(),
            refusal=next(iter(list(self._refused.values())), None),
            lost=sum(spool.lost for spool in spools),
            damaged=self._damaged + sum(spool.damaged for spool in spools),
            problem=self.spool.problem,
        )

    def _silence(self) -> str | None:
        since = self._putting_since
        silent_s = 0.0 if since is None else time.monotonic() - since
        return f"{self._store.place} has not answered for {silent_s:.0f} s" if silent_s > SILENT_S else None

    def flush(self, progress: Callable[[int], None], stalled_s: float) -> None:
        """Wait until everything is stored, or the store has failed since, or nothing has moved for ``stalled_s``.

        Parameters
        ----------
        progress
            Takes the number of traces that wait, now and again.
        """
        self._refused.clear()
        self._urgent, self._retry_at, self._failures = True, 0.0, 0
        self._look()
        self._wake.set()
        self.wait(progress, stalled_s)
        self._urgent = self._finishing

    def wait(self, progress: Callable[[int], None], stalled_s: float, limit_s: float = math.inf) -> None:
        """As `flush`, without asking for anything, and for ``limit_s`` at most; after `finish`, until the thread has ended."""
        began = time.monotonic()
        left, moved = self.status().waiting, began
        with self._progress:
            while (left or self._finishing) and not self._ended and time.monotonic() < min(moved + stalled_s, began + limit_s):
                if self._given_up() and not self._finishing:
                    break
                self._progress.wait(0.1)
                now = self.status()
                if now.waiting != left:
                    left, moved = now.waiting, time.monotonic()
                    progress(left)
                if now.refused and now.refused >= left and not self._finishing:
                    break

    def finish(self) -> None:
        """Store what waits, once, and end. What the store does not take stays on disk for the next process with that store."""
        self._finishing = self._urgent = True
        self._retry_at, self._failures = 0.0, 0
        self._wake.set()
        if self._thread is None:
            self._close()

    def _given_up(self) -> bool:
        first = self._failed_at
        return self._failures >= GIVE_UP_FAILURES or (self._failures > 0 and time.monotonic() - first > GIVE_UP_S)

    def _run(self) -> None:
        with quiet(THREAD_NAME):
            try:
                while True:
                    wait_s = self._step()
                    if self._finishing and wait_s > 0 and (self._failures == 0 or self._given_up()):
                        break
                    if wait_s > 0:
                        self._wake.wait(wait_s)
                    self._wake.clear()
            finally:
                self._close()

    def _close(self) -> None:
        for spool in [self.spool, *self._earlier]:
            spool.close()
        self._ended = True
        with self._progress:
            self._progress.notify_all()

    def _step(self) -> float:
        """Deliver one batch: how many seconds to wait for the next."""
        now = time.monotonic()
        if now >= self._look_at and not self._finishing:
            self._look()
        if now < self._retry_at:
            return min(self._retry_at, self._look_at) - now
        if self.spool.waiting and not self._urgent and (wait_s := self._pause(now)) > 0:
            return wait_s
        for spool in [self.spool, *self._earlier]:
            entries = self._pick(spool, now)
            if entries:
                return self._deliver(spool, entries)
        for spool in [spool for spool in self._earlier if not spool.waiting]:
            self._earlier.remove(spool)
            self._damaged += spool.damaged
            spool.close()
            self._changed()
        return PATIENCE_S if self.spool.waiting else max(self._look_at - now, 0.1)

    def _look(self) -> None:
        """Take over what dead processes have left."""
        self._look_at = time.monotonic() + LOOK_AGAIN_S
        found = list(self._take_over())
        if found:
            self._earlier += found
            self._changed()

    def _pause(self, now: float) -> float:
        quiet = self._last_append + QUIET_S - now
        oldest = next((left[0].since for left in list(self.spool.waiting.values())[:1] if left), now)
        return min(quiet, oldest + PATIENCE_S - now)

    def _pick(self, spool: Spool, now: float) -> list[Entry]:
        limit = 1 if self._one_by_one else BATCH_TRACES
        entries: list[Entry] = []
        traces = 0
        for trace_id, left in spool.traces():
            if trace_id in self._refused:
                continue
            ready = self._ready(spool, trace_id, left, now)
            if ready:
                entries += ready
                traces += 1
            if len(entries) >= BATCH_RECORDS or traces >= limit:
                break
            if self._store.whole_traces_only and entries:
                break
        return entries if self._store.whole_traces_only else entries[:BATCH_RECORDS]

    def _ready(self, spool: Spool, trace_id: str, left: list[Entry], now: float) -> list[Entry]:
        """What of a trace can be stored now: the record of the trace itself comes before its spans, and feedback last."""
        ended = [entry for entry in left if entry.kind == "trace"]
        spans = [entry for entry in left if entry.kind == "span"]
        if ended or not spans:
            return [*ended, *spans, *(entry for entry in left if entry.kind == "feedback")]
        if self._store.whole_traces_only:
            return []
        if self._urgent or spool is not self.spool or trace_id in self._started:
            return left
        return [entry for entry in left if now - entry.since >= PATIENCE_S]

    def _deliver(self, spool: Spool, entries: list[Entry]) -> float:
        read = spool.read(entries)
        traces = {entry.trace_id for entry, _ in read}
        try:
            with self._store.turn:
                self._putting_since = time.monotonic()
                self._store.check()
                self._store.put([json.loads(body) for _, body in read])
        except WholeTracesOnly:
            return 0
        except Unavailable as error:
            return self._failed(str(error))
        except Refused as error:
            if len(traces) > 1:
                self._one_by_one = len(traces)
            else:
                self._one_by_one = max(0, self._one_by_one - 1)
                self._refused.update((trace_id, str(error)) for trace_id in traces)
                self._tell(self._changed)
            return 0
        finally:
            self._putting_since = None
        spool.done([entry for entry, _ in read])
        for trace_id in traces:
            (self._started.add if trace_id in spool.waiting else self._started.discard)(trace_id)
        self._one_by_one = max(0, self._one_by_one - 1)
        better = self._reason is not None
        self._reason, self._failures = None, 0
        self._tell(self._changed if better else None)
        return 0

    def _failed(self, reason: str) -> float:
        worse = self._reason != reason
        self._reason = reason
        wait_s = RETRY_S[min(self._failures, len(RETRY_S) - 1)]
        if self._failures == 0:
            self._failed_at = time.monotonic()
        self._failures += 1
        self._retry_at = time.monotonic() + wait_s
        self._tell(self._changed if worse else None)
        return wait_s

    def _tell(self, changed: Callable[[], None] | None) -> None:
        with self._progress:
            self._progress.notify_all()
        if changed is not None:
            changed()
