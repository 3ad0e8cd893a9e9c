"""The spools of other processes that this one delivers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import islice

from .spool import Spool
from .spool_files import family

MAX_OPEN = 32
"""How many are open at once: each takes two file descriptors."""


class TakenOver:
    """Spools of one store. Safe to use from several threads.

    Parameters
    ----------
    find
        Spools that no process holds; it must not raise.
    own_family
        As in the names of the spools of this process and of its forked children.

    Attributes
    ----------
    may_be_more
        Whether there may be spools for which there was no room.
    damaged
        Records that could not be read in spools that have been emptied.
    """

    def __init__(self, find: Callable[[], Iterator[Spool]], own_family: str) -> None:
        self.may_be_more = False
        self.damaged = 0
        self._find = find
        self._own_family = own_family
        self._spools: list[Spool] = []
        self._lock = threading.Lock()

    def all(self) -> list[Spool]:
        """The spools that are open."""
        return list(self._spools)

    def of_earlier_processes(self) -> list[Spool]:
        """Those that neither this process nor one of its children has written."""
        return [spool for spool in self.all() if spool.path is None or family(spool.path) != self._own_family]

    @property
    def has_room(self) -> bool:
        return len(self._spools) < MAX_OPEN

    def look(self) -> bool:
        """Take over what there is, as far as there is room: whether there was anything."""
        with self._lock:
            room = MAX_OPEN - len(self._spools)
            found = list(islice(self._find(), room))
            self._spools += found
            self.may_be_more = len(found) == room
        return bool(found)

    def close_emptied(self) -> bool:
        """Remove the spools that are delivered: whether there were any."""
        with self._lock:
            emptied = [spool for spool in self._spools if not spool.waiting]
            self._spools = [spool for spool in self._spools if spool not in emptied]
            self.damaged += sum(spool.damaged for spool in emptied)
        for spool in emptied:
            spool.close()
        return bool(emptied)
