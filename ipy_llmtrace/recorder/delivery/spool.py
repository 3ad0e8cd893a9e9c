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
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ...clock import monotonic
from .append_file import AppendFile
from .spool_files import locked, new_name
from .spool_record import Entry, Record, as_line, content, kind_of, offsets, parsed

MAX_FILE_BYTES = 256_000_000
"""How much one process keeps on disk for one store; the excess is kept in memory."""

MAX_MEMORY_BYTES = 64_000_000
"""How much is kept in memory when the disk takes no more; the excess is lost, and counted."""

_COMPACT_BYTES = 16_000_000

_NAMES_TRIED = 3
"""A process that cleans the directory may have a new name's lock for a moment."""


class Spool:
    """The records of one process for one store. Safe to use from several threads.

    Parameters
    ----------
    file
        ``None``: there can be none, and memory has to do.

    Attributes
    ----------
    waiting
        What the store does not have yet, by trace.
    lost, damaged
        Records that neither disk nor memory could keep; records that could not be read.
    problem
        Why records are not on disk, as a clause.
    """

    def __init__(self, file: AppendFile | None) -> None:
        self.waiting: dict[str, list[Entry]] = {}
        self.lost = 0
        self.damaged = 0
        self.problem: str | None = None
        self._file = file
        self._mutex = threading.RLock()
        self._waiting_bytes = 0
        self._memory_bytes = 0

    @classmethod
    def create(cls, directory: Path, store: str, family: str = "") -> Spool:
        """An empty spool for ``store``, an address, with a name of this ``family`` (`spool_files.new_name`).

        Raises ``OSError`` when the directory cannot be used.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for _ in range(_NAMES_TRIED):
            path = directory / new_name(store, family or secrets.token_hex(4))
            if (lock := locked(path)) is not None:
                return cls(AppendFile(path, lock))
        raise OSError(f"{directory} has no free name")

    @classmethod
    def reopen(cls, path: Path) -> Spool | None:
        """The spool at ``path``, to append to; ``None`` while another process has it. Raises ``OSError``."""
        lock = locked(path)
        if lock is None:
            return None
        file = AppendFile(path, lock)
        try:
            file.seek_end()
        except OSError:
            file.leave()
            raise
        return cls(file)

    @classmethod
    def take_over(cls, path: Path) -> Spool | None:
        """The spool at ``path``, with what is waiting in it; ``None`` while another process has it. Raises ``OSError``."""
        lock = locked(path)
        if lock is None:
            return None
        spool = cls(AppendFile(path, lock))
        try:
            spool._scan()
        except FileNotFoundError:
            pass  # delivered by another process meanwhile: `close` removes its lock
        except BaseException:
            spool.leave()
            raise
        return spool

    @classmethod
    def in_memory(cls, problem: str) -> Spool:
        """A spool without a file, because of ``problem``."""
        spool = cls(None)
        spool.problem = problem
        return spool

    @property
    def path(self) -> Path | None:
        return None if self._file is None else self._file.path

    def append(self, records: Sequence[Record]) -> bool:
        """Add records; on disk if that is possible, else in memory while there is room: whether they are on disk. Never raises
        for the disk's sake."""
        lines = [(record, as_line(record.kind, record.trace_id, record.body)) for record in records]
        with self._mutex:
            start = self._write(b"".join(line for _, line in lines))
            now = monotonic()
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
            return start is not None or not lines

    def traces(self) -> list[tuple[str, list[Entry]]]:
        """What is waiting, by trace, oldest first."""
        with self._mutex:
            return [(trace_id, list(left)) for trace_id, left in self.waiting.items()]

    def read(self, entries: Iterable[Entry]) -> list[tuple[Entry, dict[str, Any]]]:
        """The JSON object of each entry's record; a record without one counts as damaged and is left out."""
        found: list[tuple[Entry, dict[str, Any]]] = []
        with self._mutex:
            for entry in list(entries):
                line = self._line(entry)
                parts = parsed(line)
                body = None if parts is None else content(parts[2])
                if body is None:
                    self.damaged += 1
                    self._forget([entry])
                else:
                    found.append((entry, body))
        return found

    def done(self, entries: Sequence[Entry]) -> None:
        """The store has these."""
        with self._mutex:
            self._forget(entries)
            stored = [entry.offset for entry in entries if entry.memory is None]
            if self._file is None:
                return
            if not self.waiting:
                self._file.truncate(0)
            elif stored:
                self._write(as_line("done", "-", json.dumps(stored).encode()), bound=False)
                if self._file.end - self._waiting_bytes > _COMPACT_BYTES and self._file.end > 2 * self._waiting_bytes:
                    self._shorten(self._file)

    def close(self) -> None:
        """Leave what is waiting to the next process with this store; remove the file if there is nothing."""
        with self._mutex:
            if self._file is not None and not self._on_disk():
                self._file.remove()
            else:
                self.leave()

    def leave(self) -> None:
        """Let other processes have the file, as it is."""
        with self._mutex:
            if self._file is not None:
                self._file.leave()

    def _on_disk(self) -> list[Entry]:
        return [entry for left in self.waiting.values() for entry in left if entry.memory is None]

    def _forget(self, entries: Iterable[Entry]) -> None:
        gone = set(entries)
        for trace_id in {entry.trace_id for entry in gone}:
            left = [entry for entry in self.waiting.pop(trace_id, ()) if entry not in gone]
            if left:
                self.waiting[trace_id] = left
        self._waiting_bytes -= sum(entry.length for entry in gone)
        self._memory_bytes -= sum(entry.length for entry in gone if entry.memory is not None)

    def _write(self, data: bytes, *, bound: bool = True) -> int | None:
        """Append lines: the offset of the first, or ``None`` when the disk does not take them."""
        if self._file is None:
            return None
        if bound and self._file.end + len(data) > MAX_FILE_BYTES:
            self.problem = f"the spool has reached {MAX_FILE_BYTES // 1_000_000} MB"
            return None
        try:
            if self._file.is_deleted:
                self._file.lock_again()
                self._rewrite(self._file)
            start = self._file.append(data)
        except OSError as error:
            self.problem = f"the spool cannot be written ({error.strerror or error})"
            return None
        self.problem = None
        return start

    def _line(self, entry: Entry) -> bytes:
        if entry.memory is not None or self._file is None:
            return entry.memory or b""
        try:
            return self._file.read(entry.offset, entry.length)
        except OSError:
            return b""

    def _scan(self) -> None:
        """Find what is waiting in a file that another process has written. Raises ``OSError``."""
        assert self._file is not None
        done: set[int] = set()
        found: list[Entry] = []
        offset, now = 0, monotonic()
        for line in self._file.lines():
            name, trace_id, body = parsed(line) or ("", "", b"")
            if name == "done":
                stored = offsets(body)
                done.update(stored or ())
                self.damaged += stored is None
            elif kind := kind_of(name):
                found.append(Entry(kind, trace_id, now, offset, len(line)))
            else:
                self.damaged += bool(line.strip())
            offset += len(line)
        for entry in found:
            if entry.offset not in done:
                self.waiting.setdefault(entry.trace_id, []).append(entry)
                self._waiting_bytes += entry.length

    def _shorten(self, file: AppendFile) -> None:
        try:
            self._rewrite(file)
        except OSError as error:
            self.problem = f"the spool cannot be shortened ({error.strerror or error})"

    def _rewrite(self, file: AppendFile) -> None:
        """Write what is waiting into a new file, which takes the old one's place. Raises ``OSError``."""
        entries = self._on_disk()
        moved_to: list[int] = []

        def lines() -> Iterator[bytes]:
            offset = 0
            for entry in entries:
                line = self._line(entry)
                moved_to.append(offset)
                offset += len(line)
                yield line

        file.replace(lines())
        for entry, offset in zip(entries, moved_to, strict=True):
            entry.offset = offset
