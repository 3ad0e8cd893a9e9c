"""Where a forked child leaves its records: its parent delivers them, also while the child lives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .spool import MAX_MEMORY_BYTES, Spool
from .spool_record import Record


class ForkedSpool:
    """A spool file whose lock is held during a write only: between two writes, another process may take the file over.

    A child that holds its lock for as long as it lives would keep its spans from the store for as long: none of its threads
    outlived the fork, and a worker of a pool may live as long as the notebook.

    Parameters
    ----------
    store, family
        As for `Spool.create`.
    """

    def __init__(self, directory: Path, store: str, family: str) -> None:
        self._directory = directory
        self._store = store
        self._family = family
        self._path: Path | None = None
        self._unwritten: list[Record] = []

    def append(self, records: Sequence[Record]) -> None:
        """Write records to disk; with the next ones, those that the disk does not take, while memory has room."""
        self._unwritten += records
        try:
            spool = self._spool()
        except OSError:
            self._drop_excess()
            return
        if spool.append(self._unwritten):
            self._unwritten.clear()
        spool.leave()
        self._path = spool.path
        self._drop_excess()

    def _spool(self) -> Spool:
        found = Spool.reopen(self._path) if self._path is not None else None
        return found or Spool.create(self._directory, self._store, self._family)

    def _drop_excess(self) -> None:
        size = sum(len(record.body) for record in self._unwritten)
        while size > MAX_MEMORY_BYTES:
            size -= len(self._unwritten.pop(0).body)
