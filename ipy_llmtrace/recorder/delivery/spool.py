"""What has ended but is not in the store yet, on disk: one append-only file for a process and a store.

A ``done`` record lists the offsets of records that the store has. A file that was cut or overwritten in the middle loses the
damaged lines only, a crash costs at most that the same ids are delivered twice, and an append is one ``write``. The queues on
SQLite (persist-queue, litequeue, diskcache) need its locking, which network home directories often lack, and lose the file when
a page of it is damaged.

A lock file beside it says that its process lives; what a dead process left is taken over by the next one with that store. The
file's name holds a hash of the store's address, not the address, which may contain a password.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from filelock import FileLock

from .spool_files import SUFFIX, key, locked, remove
from .spool_record import Entry, Record, as_line, parsed

MAX_FILE_BYTES = 256_000_000
"""How much one process keeps on disk for one store; the excess is kept in memory."""

MAX_MEMORY_BYTES = 64_000_000
"""How much is kept in memory when the disk takes no more; the excess is lost, and counted."""

_COMPACT_BYTES = 16_000_000


class Spool:
    """The records of one process for one store. Safe to use from several threads.

    Parameters
    ----------
    path
        The file; it is opened with the first record. ``None``: there can be none, and memory has to do.
    lock
        Held until `close`.
    """

    def __init__(self, path: Path | None, lock: FileLock | None) -> None:
        self.path = path
        self.waiting: dict[str, list[Entry]] = {}
        self.lost = 0
        self.damaged = 0
        self.problem: str | None = None
        self._lock = lock
        self._mutex = threading.RLock()
        self._file: int | None = None
        self._end = 0
        self._waiting_bytes = 0
        self._memory_bytes = 0
        self._torn = False

    @classmethod
    def create(cls, directory: Path, store: str) -> Spool:
        """An empty spool for ``store``, an address. Raises ``OSError`` when the directory cannot be used."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / f"{key(store)}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        lock = locked(path)
        if lock is None:
            raise OSError(f"{path} is locked already")
        return cls(path, lock)

    @classmethod
    def in_memory(cls, problem: str) -> Spool:
        """A spool without a file, because of ``problem``."""
        spool = cls(None, None)
        spool.problem = problem
        return spool

    def append(self, records: Sequence[Record]) -> None:
        """Add records; on disk if that is possible, else in memory while there is room. Never raises for the disk's sake."""
        lines = [(record, as_line(record.kind, record.trace_id, record.body)) for record in records]
        with self._mutex:
            start = self._write(b"".join(line for _, line in lines))
            now = time.monotonic()
            for record, line in lines:
                entry = Entry(record.kind, record.trace_id, now, start or 0, len(line))
                if start is None:
                    if self._memory_bytes + len(line) > MAX_MEMORY_BYTES:
                        self.lost += 1
                        continue
                    entry.memory = line
                    self._memory_bytes += len(line)
                else:
                    start += len(line)
                self._waiting_bytes += len(line)
                self.waiting.setdefault(record.trace_id, []).append(entry)

    def traces(self) -> list[tuple[str, list[Entry]]]:
        """What is waiting, by trace, oldest first."""
        with self._mutex:
            return [(trace_id, list(left)) for trace_id, left in self.waiting.items()]

    def read(self, entries: Iterable[Entry]) -> list[tuple[Entry, bytes]]:
        """The JSON of each entry's record; one that can no longer be read counts as damaged and is left out."""
        found: list[tuple[Entry, bytes]] = []
        with self._mutex:
            for entry in list(entries):
                line = entry.memory if entry.memory is not None else self._read_line(entry)
                parts = parsed(line)
                if parts is None:
                    self.damaged += 1
                    self._forget([entry])
                else:
                    found.append((entry, parts[2]))
        return found

    def done(self, entries: Sequence[Entry]) -> None:
        """The store has these."""
        with self._mutex:
            self._forget(entries)
            offsets = [entry.offset for entry in entries if entry.memory is None]
            if not self.waiting:
                self._truncate(0)
            elif offsets:
                self._write(as_line("done", "-", json.dumps(offsets).encode()), bound=False)
                if self._end - self._waiting_bytes > _COMPACT_BYTES and self._end > 2 * self._waiting_bytes:
                    self._compact()

    def close(self) -> None:
        """Leave what is waiting to the next process with this store; remove the file if there is nothing."""
        with self._mutex:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            if self.path is None or self._lock is None:
                return
            if not any(entry.memory is None for entries in self.waiting.values() for entry in entries):
                remove(self.path, self._lock)
            self._lock.release()

    def _forget(self, entries: Iterable[Entry]) -> None:
        gone = set(entries)
        for trace_id in {entry.trace_id for entry in gone}:
            left = [entry for entry in self.waiting.pop(trace_id, ()) if entry not in gone]
            if left:
                self.waiting[trace_id] = left
        self._waiting_bytes -= sum(entry.length for entry in gone)
        self._memory_bytes -= sum(entry.length for entry in gone if entry.memory is not None)

    def _open(self) -> int:
        if self._file is None:
            if self.path is None:
                raise OSError("there is no spool file")
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        return self._file

    def _write(self, data: bytes, *, bound: bool = True) -> int | None:
        """Append, and wait until the disk has it: the offset of ``data``, or ``None`` when the disk does not take it."""
        if self.path is None:
            return None
        if bound and self._end + len(data) > MAX_FILE_BYTES:
            self.problem = f"the spool has reached {MAX_FILE_BYTES // 1_000_000} MB"
            return None
        start = self._end
        try:
            file = self._open()
            if self._torn:
                data = b"\n" + data
                start += 1
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
        except OSError as error:
            self.problem = f"the spool cannot be written ({error.strerror or error})"
            self._truncate(self._end)
            return None
        self.problem = None
        self._torn = False
        self._end += len(data)
        return start

    def _truncate(self, size: int) -> None:
        if self._end == 0 and self._file is None:
            return
        try:
            file = self._open()
            os.ftruncate(file, size)
            self._end, self._torn = size, False
        except OSError:
            # A part of a line may be left: the next line must not continue it.
            self._torn = True
            if self._file is not None:
                self._end = os.fstat(self._file).st_size

    def _read_line(self, entry: Entry) -> bytes:
        try:
            file = self._open()
            os.lseek(file, entry.offset, os.SEEK_SET)
            pieces: list[bytes] = []
            missing = entry.length
            while missing > 0 and (piece := os.read(file, missing)):
                pieces.append(piece)
                missing -= len(piece)
            return b"".join(pieces)
        except OSError:
            return b""

    def scan(self) -> None:
        """Find what is waiting in a file that another process has written."""
        done: set[int] = set()
        found: list[Entry] = []
        offset, now = 0, time.monotonic()
        if self.path is None:
            return
        with self.path.open("rb") as file:
            for line in file:
                parts = parsed(line)
                if parts is None:
                    self.damaged += bool(line.strip())
                elif parts[0] == "done":
                    done.update(json.loads(parts[2]))
                elif parts[0] == "span" or parts[0] == "trace" or parts[0] == "feedback":
                    found.append(Entry(parts[0], parts[1], now, offset, len(line)))
                offset += len(line)
                self._torn = not line.endswith(b"\n")
        self._end = offset
        for entry in found:
            if entry.offset not in done:
                self.waiting.setdefault(entry.trace_id, []).append(entry)
                self._waiting_bytes += entry.length

    def _compact(self) -> None:
        """Write what is waiting into a new file, which takes the old one's place."""
        entries = [entry for left in self.waiting.values() for entry in left if entry.memory is None]
        if self.path is None:
            return
        fresh = self.path.with_suffix(".tmp")
        try:
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                offsets: list[int] = []
                for entry in entries:
                    offsets.append(file.tell())
                    file.write(self._read_line(entry))
                size = file.tell()
            if self._file is not None:
                os.close(self._file)
                self._file = None
            os.replace(fresh, self.path)
        except OSError as error:
            self.problem = f"the spool cannot be shortened ({error.strerror or error})"
            fresh.unlink(missing_ok=True)
            return
        self._end = size
        for entry, offset in zip(entries, offsets, strict=True):
            entry.offset = offset
