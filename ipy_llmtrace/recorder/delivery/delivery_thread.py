"""Brings what is spooled for one store there, on a thread of its own, and tries again for as long as the process lives."""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from ...background import in_background
from ...clock import monotonic
from .batches import PATIENCE_S, Batches
from .mlflow_store import Refused, Unavailable, WholeTracesOnly
from .quiet_logging import quiet
from .retries import Retries
from .spool import Spool
from .spool_record import Entry, Record
from .status import DeliveryStatus
from .taken_over import TakenOver

QUIET_S = 0.5
"""Delivery begins when nothing has ended for so long: it would only take the processor from the user's calls. It waits no
longer than `PATIENCE_S`."""

SILENT_S = 20.0
"""So long a store may take for a batch before it is said: MLflow's own calls wait and retry for minutes."""

LOOK_AGAIN_S = 30.0
"""How often to look for what a process that has died meanwhile left."""

LEAST_WAIT_S = 0.1
"""The time to look may have come when a process ends, which looks no more."""

LOOK_AT_CHILDREN_S = 1.0
"""How often to look for what forked children have written, once there were any."""

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
    family
        As in the name of ``spool``: those of forked children have the same.
    take_over
        Spools for this store that no process holds; called now and again, mostly on the thread. Does not raise.
    changed
        Called on the thread when `status` has got better or worse.
    """

    def __init__(
        self,
        store: Target,
        spool: Spool,
        family: str,
        take_over: Callable[[], Iterator[Spool]],
        changed: Callable[[], None],
    ) -> None:
        self.spool = spool
        self._has_children = False
        self._store = store
        self._changed = changed
        self._taken_over = TakenOver(take_over, family)
        self._look_at = 0.0
        self._batches = Batches(store, spool)
        self._retries = Retries()
        self._putting_since: float | None = None
        self._last_append = 0.0
        self._urgent = False
        self._finishing = False
        self._ended = False
        self._wake = threading.Event()
        self._progress = threading.Condition()
        self._thread: threading.Thread | None = None

    def append(self, records: Sequence[Record]) -> None:
        """Spool records; on disk when this returns."""
        self.spool.append(records)
        self._last_append = monotonic()
        self._wake.set()
        if self._retries.reason is not None or self.spool.problem is not None:
            self._tell(self._changed)

    def start(self) -> None:
        """Start the thread, if it does not run. A system that has no more threads is asked again by the next `start`."""
        if self._ended or self._runs():
            return
        try:
            self._thread = in_background(self._run, THREAD_NAME)
        except RuntimeError as error:
            self._failed(f"no thread can be started to store them ({error})")

    def process_has_forked(self) -> None:
        """Look for what children have written from now on."""
        self._has_children = True
        self._look_at = 0.0
        self._wake.set()

    def status(self) -> DeliveryStatus:
        spools = self._spools()
        refused = dict(self._batches.refused)
        return DeliveryStatus(
            waiting=len(_trace_ids(spools)),
            earlier=len(_trace_ids(self._taken_over.of_earlier_processes())),
            refused=len(refused),
            reason=self._retries.reason or self._silence(),
            refusal=next(iter(refused.values()), None),
            lost=sum(spool.lost for spool in spools),
            damaged=self._taken_over.damaged + sum(spool.damaged for spool in spools),
            problem=self.spool.problem,
        )

    def waits(self, trace_id: str) -> bool:
        """Whether something of a trace has not been stored."""
        return any(trace_id in spool.waiting for spool in self._spools())

    def flush(self, progress: Callable[[int], None], stalled_s: float) -> None:
        """Wait until everything is stored, or the store has failed since, or nothing has moved for ``stalled_s``.

        Parameters
        ----------
        progress
            Takes the number of traces that wait, now and again.
        """
        self._batches.refused.clear()
        self._urgent = True
        self._retries.at_once()
        self.start()
        for _ in range(2):  # a forked child may have been writing when it was looked for what it has written
            self.look()
            self._wake.set()
            self.wait(progress, stalled_s)
        self._urgent = self._finishing

    def wait(self, progress: Callable[[int], None], stalled_s: float, limit_s: float = math.inf) -> None:
        """As `flush`, without asking for anything, and for ``limit_s`` at most; after `finish`, until the thread has ended."""
        began = monotonic()
        left, moved = self.status().waiting, began
        with self._progress:
            while (
                (left or self._taken_over.may_be_more or self._finishing)
                and not self._ended
                and monotonic() < min(moved + stalled_s, began + limit_s)
            ):
                if (self._retries.given_up or not self._runs()) and not self._finishing:
                    break
                self._progress.wait(0.1)
                now = self.status()
                if now.waiting != left:
                    left, moved = now.waiting, monotonic()
                    progress(left)
                if now.refused and now.refused >= left and not self._finishing:
                    break

    def finish(self) -> None:
        """Store what waits, once, and end. What the store does not take stays on disk for the next process with that store."""
        self._finishing = self._urgent = True
        self._retries.at_once()
        self._wake.set()
        if not self._runs():
            self._close()

    def look(self) -> None:
        """Take over what other processes have left, as much of it as may be open at once."""
        self._look_at = monotonic() + (LOOK_AT_CHILDREN_S if self._has_children else LOOK_AGAIN_S)
        if self._taken_over.look():
            self._tell(self._changed)

    def _runs(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _spools(self) -> list[Spool]:
        return [self.spool, *self._taken_over.all()]

    def _silence(self) -> str | None:
        since = self._putting_since
        silent_s = 0.0 if since is None else monotonic() - since
        return f"{self._store.place} has not answered for {silent_s:.0f} s" if silent_s > SILENT_S else None

    def _run(self) -> None:
        with quiet(THREAD_NAME):
            try:
                while True:
                    wait_s = self._turn()
                    if self._finishing and wait_s > 0 and (self._retries.number == 0 or self._retries.given_up):
                        break
                    if wait_s > 0:
                        self._wake.wait(wait_s)
                    self._wake.clear()
            finally:
                self._close()

    def _turn(self) -> float:
        """As `_step`; a failure that nothing foresees is one of the store's, which is tried again."""
        try:
            return self._step()
        except BaseException as error:  # a plugin may even exit; without this thread nothing is stored any more
            return self._failed(_unexpected(error))

    def _close(self) -> None:
        for spool in self._spools():
            with contextlib.suppress(Exception):  # one that cannot be closed is left to the next process
                spool.close()
        self._ended = True
        self._tell(None)

    def _step(self) -> float:
        """Deliver one batch: how many seconds to wait for the next."""
        now = monotonic()
        if now >= self._look_at and not self._finishing:
            self.look()
        if now < self._retries.at:
            return max(min(self._retries.at, self._look_at) - now, LEAST_WAIT_S)
        if self.spool.waiting and not self._urgent and (wait_s := self._pause(now)) > 0:
            return wait_s
        for spool in self._spools():
            entries = self._batches.next(spool, now, urgent=self._urgent)
            if entries:
                return self._deliver(spool, entries)
        if self._taken_over.close_emptied():
            self._tell(self._changed)
        if self._taken_over.may_be_more and self._taken_over.has_room:
            self.look()
            return 0
        return max(min(PATIENCE_S if self.spool.waiting else math.inf, self._look_at - now), LEAST_WAIT_S)

    def _pause(self, now: float) -> float:
        quiet = self._last_append + QUIET_S - now
        oldest = next((left[0].since for left in list(self.spool.waiting.values())[:1] if left), now)
        return min(quiet, oldest + PATIENCE_S - now)

    def _deliver(self, spool: Spool, entries: list[Entry]) -> float:
        read = spool.read(entries)
        traces = {entry.trace_id for entry, _ in read}
        try:
            with self._store.turn:
                self._putting_since = monotonic()
                self._store.check()
                self._store.put([body for _, body in read])
        except WholeTracesOnly:
            return 0
        except Unavailable as error:
            return self._failed(str(error))
        except Refused as error:
            if self._batches.not_taken(list(traces), str(error)):
                self._tell(self._changed)
            return 0
        finally:
            self._putting_since = None
        spool.done([entry for entry, _ in read])
        self._batches.stored(traces, spool)
        self._tell(self._changed if self._retries.worked() else None)
        return 0

    def _failed(self, reason: str) -> float:
        wait_s, is_new = self._retries.failed(reason)
        self._tell(self._changed if is_new else None)
        return wait_s

    def _tell(self, changed: Callable[[], None] | None) -> None:
        with self._progress:
            self._progress.notify_all()
        if changed is not None:
            with contextlib.suppress(Exception):  # whoever is told must not end the thread
                changed()


def _trace_ids(spools: Sequence[Spool]) -> set[str]:
    return {trace_id for spool in spools for trace_id in list(spool.waiting)}


def _unexpected(error: BaseException) -> str:
    return f"llmtrace itself failed ({type(error).__name__}: {error})"
