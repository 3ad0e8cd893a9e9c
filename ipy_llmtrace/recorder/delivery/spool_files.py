"""The names of spool files, and the lock beside each that says that its process lives."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from filelock import FileLock, Timeout

SUFFIX = ".jsonl"


def key(store: str) -> str:
    return hashlib.sha256(store.encode()).hexdigest()[:16]


def locked(path: Path) -> FileLock | None:
    """The lock that says ``path`` is in use, now ours; ``None`` while another process has it."""
    lock = FileLock(path.with_suffix(".lock"), timeout=0, thread_local=False, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


def remove(path: Path, lock: FileLock) -> None:
    """Remove a spool file and its lock file, which must be held: whoever waits for it sees that it is gone."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        os.unlink(lock.lock_file)
