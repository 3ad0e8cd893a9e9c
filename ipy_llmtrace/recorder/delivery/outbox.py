"""Where ended spans go, and the thread that writes them into the spools.

A thread writes what has gathered every `GATHER_S` to disk; one more thread for each store delivers. A forked child has neither:
it writes by itself, into spools that its parent delivers.
"""

from __future__ import annotations

import atexit
import math
import os
import secrets
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...background import in_background
from ...trace.feedback import Feedback
from . import assessments
from .deliveries import Deliveries
from .ended_spans import EndedSpan, EndedTrace, record
from .forked_spool import ForkedSpool
from .gathering import Gathering
from .otlp_endpoint import Otlp
from .spool_directory import SpoolDirectory
from .spool_record import Record
from .status import DeliveryStatus

GATHER_S = 0.2
"""How long ended spans gather before they are written: what SIGKILL can cost."""

EXIT_IN_KERNEL_S = 2.0
"""How long the exit of a kernel may wait for the store; Jupyter kills a kernel 2.5 s after asking it to shut down."""

EXIT_STALLED_S = 30.0
"""How long the exit of any process may wait for a store that does not move."""

FLUSH_STALLED_S = 30.0

_THREAD_NAME = "llmtrace-spool"

_living: weakref.WeakSet[Outbox] = weakref.WeakSet()


@atexit.register
def _at_exit() -> None:
    for outbox in list(_living):
        outbox.at_exit()


def _forked(*, in_child: bool) -> None:
    for outbox in list(_living):
        outbox.forked(in_child=in_child)


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(
        after_in_parent=lambda: _forked(in_child=False),
        after_in_child=lambda: _forked(in_child=True),
    )


def in_use() -> Outbox | None:
    """The one that takes what ends at present."""
    return next((outbox for outbox in list(_living) if not outbox.closed), None)


class Outbox:
    """What is on its way to the stores.

    Parameters
    ----------
    spools
        Where the spools are.
    changed
        Called, on a thread of ours, when `status` has got better or worse.
    failed
        Takes what went wrong in here, on any thread.
    say
        Takes one line for the user, on a thread of ours.

    Attributes
    ----------
    otlp
        The collector that gets what ends, too, or alone.
    """

    def __init__(
        self,
        spools: SpoolDirectory,
        changed: Callable[[], None],
        failed: Callable[[str, BaseException], None],
        say: Callable[[str], None],
    ) -> None:
        self._spools = spools
        self._changed = changed
        self._failed = failed
        self._say = say
        self.otlp: Otlp | None = None
        self.closed = False
        self._family = secrets.token_hex(4)
        self._stores: set[str] = set()
        self._is_child = False
        self._has_children = False
        self._exiting = False
        self._ending = False
        self._set_up()

        _living.add(self)

    def _set_up(self) -> None:
        self._pid = os.getpid()
        self._gathering = Gathering()
        self._deliveries = Deliveries(self._spools, self._family, self._changed, self._failed, self._say)
        self._forked_spools: dict[str, ForkedSpool] = {}
        self._starting = threading.Lock()
        self._writing = threading.RLock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def forked(self, *, in_child: bool) -> None:
        """This process has forked."""
        if in_child:
            # What has ended in the parent is the parent's, and none of its threads are here.
            self._is_child = True
            self._set_up()
        else:
            self._has_children = True
            self._deliveries.process_has_forked()

    def put(self, tracking_uri: str, span: Any) -> None:
        """A span has ended. The user's thread: nothing here raises, touches the disk or waits for a store."""
        try:
            self._gathering.put(tracking_uri, span)
            self._write_soon()
        except Exception as error:  # the border: the user's code ends a span here
            self._failed("Outbox.put", error)

    def give(self, tracking_uri: str, feedback: Feedback) -> None:
        """Feedback was given, on a trace that is, or will be, in this store."""
        self._gathering.give(tracking_uri, feedback)
        self._write_soon()

    def deliver_leftovers(self, tracking_uri: str) -> None:
        """Store what other processes left for this store, and send what they left for the collector, if anything."""
        self._stores.add(tracking_uri)

        def look() -> None:
            self._deliveries.remove_expired()
            self._take_on()

        in_background(look, _THREAD_NAME)

    def flush(self, progress: Callable[[int], None], stalled_s: float = FLUSH_STALLED_S) -> DeliveryStatus:
        """Wait until the stores have everything that has ended, also in forked children, or do not take it: what is left."""
        self._collect_unfinished()
        self._write()
        self._take_on()
        self._deliveries.flush(progress, stalled_s)
        return self.status()

    def look(self) -> None:
        """Take in what other processes have left for the stores in use: forked children, above all."""
        self._take_on()
        self._deliveries.look()

    def status(self) -> DeliveryStatus:
        """What waits, for all stores together."""
        only_collector = self.otlp is not None and self.otlp.only
        return self._deliveries.status(self._gathering.trace_ids(), only_collector=only_collector)

    def waits(self, trace_id: str) -> bool:
        """Whether something of a trace that was written has not been stored yet."""
        return self._deliveries.waits(trace_id)

    def experiment_id(self, tracking_uri: str, experiment: str) -> str | None:
        """The id of an experiment, if that is known without asking the store."""
        return self._deliveries.experiments_of(tracking_uri).known(experiment)

    def close(self) -> None:
        """Take nothing more. What has ended is written; its delivery goes on in the background until a first failure."""
        self.closed = True
        self._ending = True
        self._stop.set()
        self._wake.set()
        self._collect_unfinished()
        self._write()
        self._deliveries.finish()

    def at_exit(self) -> None:
        """Write what has ended, and store as much of it as the time allows; the rest stays on disk."""
        if os.getpid() != self._pid:
            return
        self._ending = True
        self._write()
        self._exiting = True
        self._deliveries.process_ends()
        if self._has_children:
            self.look()
        limit_s = EXIT_IN_KERNEL_S if "ipykernel.kernelapp" in sys.modules else math.inf
        for delivery in self._deliveries.finish():
            delivery.wait(lambda left: None, EXIT_STALLED_S, limit_s)

    def _collect_unfinished(self) -> None:
        try:
            self._gathering.collect(unfinished=True)
        except Exception as error:  # what has ended is to be stored all the same
            self._failed("Outbox", error)

    def _write_soon(self) -> None:
        """Have what has gathered written; at once, where no thread will."""
        if self._is_child or self._exiting or not self._runs():
            self._write()
        # Cleared before what has ended is written; to set it takes longer than all the rest.
        elif not self._wake.is_set():
            self._wake.set()

    def _runs(self) -> bool:
        if self._thread is None:
            with self._starting:
                try:
                    self._thread = self._thread or in_background(self._run, _THREAD_NAME)
                except RuntimeError as error:  # the system has no more threads; the next span asks again
                    self._failed("Outbox", error)
                    return False
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._stop.wait(GATHER_S)
            self._wake.clear()
            self._write()

    def _write(self) -> None:
        with self._writing:
            try:
                items, given = self._gathering.take(all_feedback=self._ending)
                for uri, ended in items.items():
                    records = list(self._records(ended))
                    for address in self._addresses(uri):
                        self._spool(address, records)
                for uri, feedback in given:
                    self._spool(uri, [assessments.record(feedback)])
            except Exception as error:  # the border: the thread must go on
                self._failed("Outbox", error)
            finally:
                self._gathering.spooled()

    def _records(self, items: list[EndedSpan | EndedTrace]) -> Iterator[Record]:
        for item in items:
            try:
                yield record(item)
            except Exception as error:  # one that cannot be written must not cost the others
                self._failed("Outbox", error)

    def _spool(self, address: str, records: Sequence[Record]) -> None:
        try:
            if not self._is_child:
                self._deliveries.append(address, records)
                return
            if address not in self._forked_spools:
                self._forked_spools[address] = ForkedSpool(self._spools.path, address, self._family)
            self._forked_spools[address].append(records)
        except Exception as error:  # one store must not cost the others theirs
            self._failed("Outbox", error)

    def _take_on(self) -> None:
        """Deliver to the stores for which other processes have left something, also if this one has nothing for them."""
        if not self._is_child:
            self._deliveries.take_on({address for uri in list(self._stores) for address in self._addresses(uri)})

    def _addresses(self, tracking_uri: str) -> list[str]:
        """Where what is for this store goes."""
        self._stores.add(tracking_uri)
        stores = [] if self.otlp is not None and self.otlp.only else [tracking_uri]
        return stores if self.otlp is None else [*stores, self.otlp.endpoint.address]
