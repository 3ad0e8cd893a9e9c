"""A file of lines that one process at a time appends to, and that no failure leaves with half a line in the middle."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock

from ...file_replacement import replace_file
from .spool_files import locked, opened, remove


class AppendFile:
    """Opened when it is first used. Its methods raise ``OSError`` unless they say otherwise.

    Parameters
    ----------
    lock
        Held until `leave`.

    Attributes
    ----------
    end
        The offset of the next line.
    """

    def __init__(self, path: Path, lock: FileLock) -> None:
        self.path = path
        self.end = 0
        self._lock = lock
        self._descriptor: int | None = None
        self._torn = False

    def append(self, data: bytes) -> int:
        """Append whole lines, and wait until the disk has them: the offset of the first. On failure, none of them is there."""
        start = self.end
        try:
            file = self._open()
            if self._torn:
                data = b"\n" + data
                start += 1
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
        except OSError:
            self.truncate(self.end)
            raise
        self._torn = False
        self.end += len(data)
        return start

    def read(self, offset: int, length: int) -> bytes:
        """What is there; less than ``length`` bytes if the file was cut."""
        file = self._open()
        os.lseek(file, offset, os.SEEK_SET)
        pieces: list[bytes] = []
        while length > 0 and (piece := os.read(file, length)):
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def lines(self) -> Iterator[bytes]:
        """Every line of a file that another process has written; the next append goes after them."""
        with open(opened(self.path, os.O_RDONLY), "rb") as file:
            for line in file:
                self.end += len(line)
                self._torn = not line.endswith(b"\n")
                yield line

    def seek_end(self) -> None:
        """As `lines`, without reading them."""
        file = self._open()
        self.end = os.lseek(file, 0, os.SEEK_END)
        if self.end:
            os.lseek(file, -1, os.SEEK_END)
            self._torn = os.read(file, 1) != b"\n"

    def truncate(self, size: int) -> None:
        """Cut the file to ``size`` bytes. Does not raise."""
        if self.end == 0 and self._descriptor is None:
            return
        try:
            os.ftruncate(self._open(), size)
            self.end, self._torn = size, False
        except OSError:
            # A part of a line may be left: the next line must not continue it.
            self._torn = True
            if self._descriptor is not None:
                self.end = os.fstat(self._descriptor).st_size

    @property
    def is_deleted(self) -> bool:
        """Whether somebody has deleted it, or its lock, while it was open: with the rest of the user's cache directory, say."""
        return self._descriptor is not None and (
            os.fstat(self._descriptor).st_nlink == 0 or not os.path.lexists(self._lock.lock_file)
        )

    def lock_again(self) -> None:
        """Lock it after its lock was deleted, which keeps nobody out any more."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = locked(self.path)
        if fresh is None:
            raise BlockingIOError(errno.EAGAIN, "another process has taken it", str(self.path))
        self._lock.release()
        self._lock = fresh

    def replace(self, lines: Iterable[bytes]) -> None:
        """Put a new file with ``lines``, which may be read from this one, in its place."""
        sizes = [0]

        def counted() -> Iterator[bytes]:
            for line in lines:
                sizes[0] += len(line)
                yield line

        replace_file(self.path, counted(), mode=0o600)
        self._close()
        self.end, self._torn = sizes[0], False

    def remove(self) -> None:
        """Remove it and its lock file, and leave it. Does not raise."""
        self._close()  # Windows removes no open file
        remove(self.path, self._lock)
        self.leave()

    def leave(self) -> None:
        """Let other processes have it, as it is. Does not raise."""
        self._close()
        self._lock.release()

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = opened(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        return self._descriptor

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
