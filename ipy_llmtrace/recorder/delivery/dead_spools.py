"""What processes that died have left in the directory of the spools."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from .spool import Spool
from .spool_files import SUFFIX, key, locked, remove
from .status import MAX_ABANDONED_BYTES, MAX_AGE_S


def left_for(directory: Path, store: str) -> list[Path]:
    """The files for ``store``, of dead processes and of living ones."""
    return _files(directory, f"{key(store)}-*")


def take_over(directory: Path, store: str) -> Iterator[Spool]:
    """What dead processes have left for ``store``; empty files are removed on the way."""
    for path in left_for(directory, store):
        lock = locked(path)
        if lock is None:
            continue
        spool = Spool(path, lock)
        try:
            spool.scan()
        except OSError:
            lock.release()
            continue
        if spool.waiting:
            yield spool
        else:
            spool.close()


def remove_expired(directory: Path) -> int:
    """Remove what dead processes left, for any store, when it is too old or too much: the number of bytes given up."""
    given_up = kept = 0
    for path in sorted(_files(directory, "*"), key=_modified, reverse=True):
        with contextlib.suppress(OSError):
            size = path.stat().st_size
            if kept + size <= MAX_ABANDONED_BYTES and time.time() - _modified(path) <= MAX_AGE_S:
                kept += size
                continue
            lock = locked(path)
            if lock is None:
                continue
            remove(path, lock)
            lock.release()
            given_up += size
    return given_up


def _files(directory: Path, pattern: str) -> list[Path]:
    try:
        return sorted(directory.glob(pattern + SUFFIX))
    except OSError:
        return []


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
