"""Where ended spans go on the user's thread, and the thread that brings them from there into the spools.

On the user's thread a span is put into a list, no more. A thread writes what has gathered every `GATHER_S` to disk; one more
thread for each store delivers.
"""

from __future__ import annotations

import atexit
import math
import os
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import platformdirs

from ...background import in_background
from ...trace.feedback import Feedback
from . import assessments
from .dead_spools import left_for, remove_expired, take_over
from .delivery_thread import Delivery, Target
from .ended_spans import Collector, EndedSpan, EndedTrace, record
from .experiments import Experiments
from .mlflow_store import Store
from .otlp_endpoint import Otlp, at
from .spool import Spool
from .spool_record import Record
from .status import DeliveryStatus

GATHER_S = 0.2
"""How long ended spans gather before they are written: what SIGKILL can cost."""

MAX_GATHERED = 256
"""How many may gather before the user's thread helps: MLflow's memory holds 1,000 traces and drops the oldest."""

EXIT_IN_KERNEL_S = 2.0
"""How long the exit of a kernel may wait for the store; Jupyter kills a kernel 2.5 s after asking it to shut down."""

EXIT_STALLED_S = 30.0
"""How long the exit of any process may wait for a store that does not move."""

FLUSH_STALLED_S = 30.0

_THREAD_NAME = "llmtrace-spool"


def default_directory() -> Path:
    """Where the spools are: what the environment says (``LLMTRACE_SPOOL``), else in the user's cache directory."""
    return Path(os.environ.get("LLMTRACE_SPOOL") or Path(platformdirs.user_cache_dir("ipy_llmtrace")) / "spool")


_living: weakref.WeakSet[Outbox] = weakref.WeakSet()


@atexit.register
def _at_exit() -> None:
    for outbox in list(_living):
        outbox.at_exit()


def in_use() -> Outbox | None:
    """The one that takes what ends at present."""
    return next((outbox for outbox in list(_living) if not outbox.closed), None)


class Outbox:
    """What is on its way to the stores.

    Parameters
    ----------
    directory
        Where the spools are.
    changed
        Called, on a thread of ours, when `status` has got better or worse.
    failed
        Takes what went wrong in here, on a thread of ours.

    Attributes
    ----------
    otlp
        The collector that gets what ends, too, or alone.
    """

    def __init__(self, directory: Path, changed: Callable[[], None], failed: Callable[[str, BaseException], None]) -> None:
        self._directory = directory
        self._changed = changed
        self._failed = failed
        self.otlp: Otlp | None = None
        self.closed = False
        self._alone = False
        self._ending = False
        self._set_up()

        _living.add(self)

    def _set_up(self) -> None:
        self._pid = os.getpid()
        self._ended: deque[tuple[str, Any]] = deque()
        self._collected: dict[str, list[EndedSpan | EndedTrace]] = {}
        self._being_written: dict[str, list[EndedSpan | EndedTrace]] = {}
        self._collectors: dict[str, Collector] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._given: deque[tuple[str, Feedback]] = deque()
        self._experiments: dict[str, Experiments] = {}
        self._collecting = threading.RLock()
        self._writing = threading.RLock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._expired_bytes = 0

    def put(self, tracking_uri: str, span: Any) -> None:
        """A span has ended. The user's thread: nothing here touches the disk or waits for a store."""
        self._note_fork()
        self._ended.append((tracking_uri, span))
        if self._alone:
            self._write()
            return
        if self._thread is None:
            self._start()
        if len(self._ended) >= MAX_GATHERED:
            self._collect()
        # Cleared before what has ended is written; to set it takes longer than all the rest.
        if not self._wake.is_set():
            self._wake.set()

    def give(self, tracking_uri: str, feedback: Feedback) -> None:
        """Feedback was given, on a trace that is, or will be, in this store."""
        self._note_fork()
        self._given.append((tracking_uri, feedback))
        if self._alone:
            self._write()
            return
        if self._thread is None:
            self._start()
        self._wake.set()

    def deliver_leftovers(self, tracking_uri: str) -> None:
        """Store what dead processes left for this store, and send what they left for the collector, if anything."""

        def look() -> None:
            self._remove_expired()
            for address in self._addresses(tracking_uri):
                if any(left_for(self._directory, address)):
                    with self._writing:
                        self._delivery(address)

        in_background(look, _THREAD_NAME)

    def flush(self, progress: Callable[[int], None], stalled_s: float = FLUSH_STALLED_S) -> DeliveryStatus:
        """Wait until the stores have everything that has ended, or do not take it: what is left."""
        self._collect(unfinished=True)
        self._write()
        for delivery in list(self._deliveries.values()):
            delivery.flush(progress, stalled_s)
        return self.status()

    def status(self) -> DeliveryStatus:
        """What waits, for all stores together."""
        deliveries = list(self._deliveries.items())
        in_hand = len(self._in_hand().difference(*(delivery.spool.waiting for _, delivery in deliveries)))
        only = self.otlp is not None and self.otlp.only
        collector = [delivery.status() for address, delivery in deliveries if at(address)]
        if only:
            collector.append(DeliveryStatus(waiting=in_hand, place="collector"))
        found = DeliveryStatus(
            waiting=0 if only else in_hand,
            collector=sum(collector, DeliveryStatus(place="collector")) if collector else None,
            expired_bytes=self._expired_bytes,
        )
        return sum((delivery.status() for address, delivery in deliveries if not at(address)), found)

    def waits(self, trace_id: str) -> bool:
        """Whether something of a trace that was written has not been stored yet."""
        return any(trace_id in delivery.spool.waiting for delivery in list(self._deliveries.values()))

    def experiment_id(self, tracking_uri: str, experiment: str) -> str | None:
        """The id of an experiment, if that is known without asking the store."""
        return self._experiments_of(tracking_uri).known(experiment)

    def close(self) -> None:
        """Take nothing more. What has ended is written; its delivery goes on in the background until a first failure."""
        self.closed = True
        self._ending = True
        self._stop.set()
        self._wake.set()
        self._collect(unfinished=True)
        self._write()
        for delivery in list(self._deliveries.values()):
            delivery.finish()

    def at_exit(self) -> None:
        """Write what has ended, and store as much of it as the time allows; the rest stays on disk."""
        if os.getpid() != self._pid:
            return
        self._ending = True
        self._write()
        self._alone = True
        limit_s = EXIT_IN_KERNEL_S if "ipykernel.kernelapp" in sys.modules else math.inf
        for delivery in list(self._deliveries.values()):
            delivery.finish()
            delivery.wait(lambda left: None, EXIT_STALLED_S, limit_s)

    def _note_fork(self) -> None:
        if os.getpid() != self._pid:
            # In a forked child our threads do not exist; it writes by itself and leaves the delivery to its parent.
            self._set_up()
            self._alone = True

    def _in_hand(self) -> set[str]:
        """The ids of the traces of which something has ended that is not written yet."""
        with self._collecting:
            items = [item for held in (self._collected, self._being_written) for items in held.values() for item in items]
            return {f"tr-{span.context.trace_id:032x}" for _, span in self._ended} | {item.trace_id for item in items}

    def _remove_expired(self) -> None:
        self._expired_bytes += remove_expired(self._directory)

    def _start(self) -> None:
        with self._collecting:
            if self._thread is None:
                self._thread = in_background(self._run, _THREAD_NAME)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._stop.wait(GATHER_S)
            self._wake.clear()
            self._write()

    def _collect(self, *, unfinished: bool = False) -> None:
        """Take what has ended, and on request what has begun to end, over from MLflow's memory."""
        with self._collecting:
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

    def _write(self) -> None:
        with self._writing:
            try:
                self._collect()
                with self._collecting:
                    self._being_written, self._collected = self._collected, {}
                    given = list(self._ripe())
                for uri, items in self._being_written.items():
                    records = list(self._records(items))
                    for address in self._addresses(uri):
                        self._delivery(address).append(records)
                for uri, feedback in given:
                    self._delivery(uri).append([assessments.record(feedback)])
            except Exception as error:  # the border: the thread must go on
                self._failed("Outbox", error)
            finally:
                self._being_written = {}

    def _records(self, items: list[EndedSpan | EndedTrace]) -> Iterator[Record]:
        for item in items:
            try:
                yield record(item)
            except Exception as error:  # one that cannot be written must not cost the others
                self._failed("Outbox", error)

    def _ripe(self) -> Iterator[tuple[str, Feedback]]:
        """Feedback whose trace is on its way, since no store takes any before; at the end, all."""
        for _ in range(len(self._given)):
            uri, feedback = self._given.popleft()
            if assessments.is_open(feedback.trace_id) and not self._ending:
                self._given.append((uri, feedback))
            else:
                yield uri, feedback

    def _experiments_of(self, tracking_uri: str) -> Experiments:
        return self._experiments.setdefault(tracking_uri, Experiments(tracking_uri))

    def _addresses(self, tracking_uri: str) -> list[str]:
        """Where what is for this store goes."""
        stores = [] if self.otlp is not None and self.otlp.only else [tracking_uri]
        return stores if self.otlp is None else [*stores, self.otlp.endpoint.address]

    def _target(self, address: str) -> Target:
        endpoint = at(address)
        if endpoint is None:
            return Store(address, self._experiments_of(address))
        from .otlp_store import OtlpStore

        return OtlpStore(endpoint)

    def _delivery(self, address: str) -> Delivery:
        if address not in self._deliveries:
            self._remove_expired()
            try:
                spool = Spool.create(self._directory, address)
            except (OSError, NotImplementedError) as error:
                spool = Spool.in_memory(f"the spool cannot be written ({getattr(error, 'strerror', None) or error})")
            delivery = Delivery(
                self._target(address),
                spool,
                lambda: take_over(self._directory, address),
                self._changed,
            )
            self._deliveries[address] = delivery
            if not self._alone:
                delivery.start()
        return self._deliveries[address]
