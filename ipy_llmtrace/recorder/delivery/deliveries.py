"""The deliveries of one process: one for each store, and for each collector, that its spans go to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from .delivery_thread import Delivery, Target
from .experiments import Experiments
from .mlflow_store import Store
from .otlp_endpoint import at
from .spool import Spool
from .spool_directory import SpoolDirectory
from .spool_record import Record
from .status import DeliveryStatus


class Deliveries:
    """Deliveries by the address of their store, made when they are needed. Safe to use from several threads.

    Parameters
    ----------
    spools
        Where the spools are.
    family
        As in the names of the spools.
    changed
        Called, on a thread of ours, when `status` has got better or worse.
    failed
        Takes what went wrong in here, on any thread.
    say
        Takes one line for the user, on a thread of ours.
    """

    def __init__(
        self,
        spools: SpoolDirectory,
        family: str,
        changed: Callable[[], None],
        failed: Callable[[str, BaseException], None],
        say: Callable[[str], None],
    ) -> None:
        self._spools = spools
        self._family = family
        self._changed = changed
        self._failed = failed
        self._say = say
        self._deliveries: dict[str, Delivery] = {}
        self._experiments: dict[str, Experiments] = {}
        self._making = threading.RLock()
        self._starts = True
        self._has_children = False
        self._expired_bytes = 0

    def append(self, address: str, records: Sequence[Record]) -> None:
        """Spool records for a store; on disk when this returns."""
        self._delivery(address).append(records)

    def take_on(self, addresses: set[str]) -> None:
        """Deliver to those stores for which other processes have left something."""
        for address in addresses.difference(self._deliveries):
            if any(self._spools.left_for(address)):
                self._delivery(address)

    def look(self) -> None:
        """Take over what other processes have left for the stores that there is a delivery for."""
        for delivery in self.all():
            delivery.look()

    def flush(self, progress: Callable[[int], None], stalled_s: float) -> None:
        """As `Delivery.flush`, one after another."""
        for delivery in self.all():
            delivery.flush(progress, stalled_s)

    def finish(self) -> list[Delivery]:
        """Have each deliver what waits, once, and end."""
        deliveries = self.all()
        for delivery in deliveries:
            delivery.finish()
        return deliveries

    def process_ends(self) -> None:
        """Start no more threads: what comes now is for the next process."""
        self._starts = False

    def process_has_forked(self) -> None:
        """Look for what children have written from now on."""
        self._has_children = True
        for delivery in self.all():
            delivery.process_has_forked()

    def status(self, in_hand: set[str], *, only_collector: bool) -> DeliveryStatus:
        """What waits, for all stores together.

        Parameters
        ----------
        in_hand
            The traces of which something is in no spool yet.
        only_collector
            Nothing goes to MLflow's store.
        """
        deliveries = list(self._deliveries.items())
        extra = len(in_hand.difference(*(delivery.spool.waiting for _, delivery in deliveries)))
        collector = [delivery.status() for address, delivery in deliveries if at(address)]
        if only_collector:
            collector.append(DeliveryStatus(waiting=extra, place="collector"))
        found = DeliveryStatus(
            waiting=0 if only_collector else extra,
            collector=sum(collector, DeliveryStatus(place="collector")) if collector else None,
            expired_bytes=self._expired_bytes,
        )
        return sum((delivery.status() for address, delivery in deliveries if not at(address)), found)

    def waits(self, trace_id: str) -> bool:
        """Whether something of a trace that was written has not been stored yet."""
        return any(delivery.waits(trace_id) for delivery in self.all())

    def all(self) -> list[Delivery]:
        """The deliveries there are."""
        return list(self._deliveries.values())

    def experiments_of(self, tracking_uri: str) -> Experiments:
        """The experiments of a store."""
        return self._experiments.setdefault(tracking_uri, Experiments(tracking_uri))

    def remove_expired(self) -> None:
        """Remove what other processes left too long ago, or too much of, and tell of what lies there that is not used."""
        try:
            self._expired_bytes += self._spools.remove_expired()
            self._tell_news()
        except Exception as error:  # whatever lies in that directory must not keep this process's own from the store
            self._failed("SpoolDirectory.remove_expired", error)

    def _take_over(self, address: str) -> Iterator[Spool]:
        try:
            self._tell_news()
            yield from self._spools.take_over(address)
        except Exception as error:  # as in `remove_expired`
            self._failed("SpoolDirectory.take_over", error)

    def _tell_news(self) -> None:
        for line in self._spools.news():
            self._say(line)

    def _delivery(self, address: str) -> Delivery:
        with self._making:
            if address not in self._deliveries:
                self._deliveries[address] = self._made(address)
            return self._deliveries[address]

    def _made(self, address: str) -> Delivery:
        self.remove_expired()
        try:
            spool = Spool.create(self._spools.path, address, self._family)
        except OSError as error:
            spool = Spool.in_memory(f"the spool cannot be written ({error.strerror or error})")
        delivery = Delivery(self._target(address), spool, self._family, lambda: self._take_over(address), self._changed)
        if self._has_children:
            delivery.process_has_forked()
        if self._starts:
            delivery.start()
        return delivery

    def _target(self, address: str) -> Target:
        endpoint = at(address)
        if endpoint is None:
            return Store(address, self.experiments_of(address))
        from .otlp_store import OtlpStore

        return OtlpStore(endpoint)
